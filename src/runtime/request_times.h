// Where the time of a request went. A value.
#ifndef OARLOCK_RUNTIME_REQUEST_TIMES_H_
#define OARLOCK_RUNTIME_REQUEST_TIMES_H_

#include <chrono>

namespace oarlock {

struct RequestTimes {
  std::chrono::nanoseconds queue{0};    // waiting for an execution
  std::chrono::nanoseconds prepare{0};  // decoding pictures, gathering rows, binding
  std::chrono::nanoseconds compute{0};  // inside the engine
  std::chrono::nanoseconds finish{0};   // decoding results, copying out

  std::chrono::nanoseconds run() const { return prepare + compute + finish; }
  std::chrono::nanoseconds total() const { return queue + run(); }
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_REQUEST_TIMES_H_

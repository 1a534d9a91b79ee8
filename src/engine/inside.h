// Is this thread inside an engine right now? Allocations made there are the engine's, not ours: tests that count
// allocations ask this. Thread-local, so there is nothing to synchronise.
#ifndef OARLOCK_ENGINE_INSIDE_H_
#define OARLOCK_ENGINE_INSIDE_H_

namespace oarlock {

class InsideEngine {
 public:
  InsideEngine() { ++depth_; }
  ~InsideEngine() { --depth_; }
  InsideEngine(const InsideEngine&) = delete;
  InsideEngine& operator=(const InsideEngine&) = delete;
  static bool Here() { return depth_ > 0; }

 private:
  static inline thread_local int depth_ = 0;
};

}  // namespace oarlock

#endif  // OARLOCK_ENGINE_INSIDE_H_

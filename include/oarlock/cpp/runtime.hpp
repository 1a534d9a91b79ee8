// What all models of a process share: the engines and a budget of threads. One is enough for a process.
//
//   oarlock::Runtime runtime = oarlock::Runtime::Create().value();
//
// Ownership: predictors and servers keep what they need of it; it may be destroyed before them.
// Threads: any.
#ifndef OARLOCK_CPP_RUNTIME_HPP_
#define OARLOCK_CPP_RUNTIME_HPP_

#include <vector>

#include "oarlock/cpp/owner.hpp"
#include "oarlock/cpp/result.hpp"

namespace oarlock {
inline namespace v1 {

// `log` is a plain function, as the library calls it until the last object of the runtime is gone:
//   options.log = [](void*, oar_log_level, const char* message) { std::clog << message << '\n'; };
using RuntimeOptions = Sized<oar_runtime_options>;
using EngineDescription = Sized<oar_engine_description>;
using HardwareDescription = Sized<oar_hardware>;

class Runtime : public Owner<oar_runtime, oar_runtime_destroy> {
 public:
  using Owner::Owner;

  static Result<Runtime> Create(const RuntimeOptions& options = {}) {
    const Result<oar_runtime> handle = Get(oar_runtime{}, oar_runtime_create, &options);
    if (!handle) return handle.failure();
    return Runtime(handle.value());
  }

  // Those that are known and not installed too; their code says why they cannot be used.
  Result<std::vector<EngineDescription>> Engines() const {
    const Result<size_t> count = Get(size_t{0}, oar_runtime_engine_count, this->handle());
    if (!count) return count.failure();
    std::vector<EngineDescription> engines;
    for (size_t i = 0; i < *count; ++i) {
      const Result<EngineDescription> engine = Get(EngineDescription(), oar_runtime_engine, this->handle(), i);
      if (!engine) return engine.failure();
      engines.push_back(*engine);
    }
    return engines;
  }
  Result<HardwareDescription> Hardware() const {
    return Get(HardwareDescription(), oar_runtime_hardware, this->handle());
  }
};

}  // namespace v1
}  // namespace oarlock

#endif  // OARLOCK_CPP_RUNTIME_HPP_

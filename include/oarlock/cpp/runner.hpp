// A request that is bound once and then run as often as you like: no copy, no allocation, no search for names.
//
//   oarlock::Runner runner = oarlock::Runner::Create(predictor).value();
//   runner.BindInput(0, x).value();
//   runner.BindOutput(0, y).value();
//   while (Fill(values)) runner.Run().value();
//
// Ownership: it keeps the loaded model, and the memory of what is bound.
// Threads: one at a time for one runner, but for Cancel(); make a runner for each thread. A callback is owned until it
// was called, which is exactly once, on a thread of the library; what it throws ends the process.
#ifndef OARLOCK_CPP_RUNNER_HPP_
#define OARLOCK_CPP_RUNNER_HPP_

#include <memory>
#include <string>
#include <utility>

#include "oarlock/cpp/predictor.hpp"

namespace oarlock {
inline namespace v1 {

using CopyReport = Sized<oar_copy_report>;

class Runner : public Owner<oar_runner, oar_runner_destroy> {
 public:
  using Owner::Owner;

  static Result<Runner> Create(const Predictor& predictor) {
    const Result<oar_runner> handle = Get(oar_runner{}, oar_runner_create, predictor.handle());
    if (!handle) return handle.failure();
    return Runner(handle.value());
  }

  Result<void> BindInput(size_t index, const Tensor& tensor) {
    return Call(oar_runner_bind_input, handle(), index, tensor.handle());
  }
  Result<void> BindOutput(size_t index, const Tensor& tensor) {
    return Call(oar_runner_bind_output, handle(), index, tensor.handle());
  }
  // The output lies in the engine's memory again.
  Result<void> UnbindOutput(size_t index) { return Call(oar_runner_bind_output, handle(), index, oar_tensor{}); }
  // On the clock of oar_monotonic_now_ns(), for all runs to come; 0 = none.
  Result<void> SetDeadline(int64_t deadline_ns) { return Call(oar_runner_set_deadline, handle(), deadline_ns); }

  // On the calling thread.
  Result<void> Run() { return Call(oar_runner_run, handle()); }
  // On a thread of the library. What is bound is not to be touched until Wait() has told the end.
  Result<void> Start() { return Call(oar_runner_start, handle(), nullptr, nullptr); }
  // callback(oar_code) is told, once; not if this fails.
  template <typename Callback>
  Result<void> Start(Callback&& callback) {
    using Callable = std::decay_t<Callback>;
    auto owned = std::make_unique<Callable>(std::forward<Callback>(callback));
    const oar_run_fn call = [](void* user, oar_code code) noexcept {
      const std::unique_ptr<Callable> called(static_cast<Callable*>(user));
      (*called)(code);
    };
    const Result<void> started = Call(oar_runner_start, handle(), call, owned.get());
    if (started) (void)owned.release();
    return started;
  }
  // Answers as Run() would have. Negative = as long as it takes.
  Result<void> Wait(int64_t timeout_ns = -1) { return Call(oar_runner_wait, handle(), timeout_ns); }
  // From any thread.
  Result<void> Cancel() const { return Call(oar_runner_cancel, handle()); }

  // Of the last run, until the next one, until something is bound, or until the runner ends.
  Result<oar_view> Output(size_t index) const { return Get(oar_view{}, oar_runner_output, handle(), index); }
  template <typename T>
  Result<Span<const T>> Output(size_t index) const {
    const Result<oar_view> view = Output(index);
    if (!view) return view.failure();
    if (view->dtype != kDtype<T>) {
      return Failure(OAR_INVALID_ARGUMENT, "output " + std::to_string(index) + " is of " + oar_dtype_name(view->dtype) +
                                               ", not of " + oar_dtype_name(kDtype<T>));
    }
    return Span<const T>(static_cast<const T*>(view->data), view->size_bytes / sizeof(T));
  }
  // What the last run copied, and which condition failed for it.
  Result<CopyReport> Copies() const { return Get(CopyReport(), oar_runner_copy_report, handle()); }
};

}  // namespace v1
}  // namespace oarlock

#endif  // OARLOCK_CPP_RUNNER_HPP_

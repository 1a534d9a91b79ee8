// Leaves the calling thread the alternate signal stack that it came with. OpenVINO's CPU plugin gives the thread that
// first loads a model one of its own, and unmaps it on whatever thread ends the engine: a signal to the first thread
// then ends the process. Go has such a stack on each of its threads, and sends them signals all the time.
#ifndef OARLOCK_ENGINES_PLUGIN_SIGNAL_STACK_H_
#define OARLOCK_ENGINES_PLUGIN_SIGNAL_STACK_H_

#include <signal.h>

namespace oarlock::plugin {

class SignalStackKeeper {
 public:
  SignalStackKeeper() noexcept { known_ = sigaltstack(nullptr, &before_) == 0 && (before_.ss_flags & SS_ONSTACK) == 0; }
  ~SignalStackKeeper() {
    stack_t after;
    if (!known_ || sigaltstack(nullptr, &after) != 0) return;
    if (after.ss_sp != before_.ss_sp || after.ss_flags != before_.ss_flags) sigaltstack(&before_, nullptr);
  }
  SignalStackKeeper(const SignalStackKeeper&) = delete;
  SignalStackKeeper& operator=(const SignalStackKeeper&) = delete;

 private:
  stack_t before_;
  bool known_;
};

}  // namespace oarlock::plugin

#endif  // OARLOCK_ENGINES_PLUGIN_SIGNAL_STACK_H_

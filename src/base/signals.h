// Blocks asynchronous signals on this thread for a while, so that threads created meanwhile (ours or an engine's) never
// take a signal meant for the host program. Faults (SIGSEGV and the like) stay.
#ifndef OARLOCK_BASE_SIGNALS_H_
#define OARLOCK_BASE_SIGNALS_H_

#include <pthread.h>
#include <signal.h>

namespace oarlock {

class BlockSignals {
 public:
  BlockSignals() {
    sigset_t set;
    sigfillset(&set);
    for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS}) sigdelset(&set, fault);
    pthread_sigmask(SIG_BLOCK, &set, &before_);
  }
  ~BlockSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockSignals(const BlockSignals&) = delete;
  BlockSignals& operator=(const BlockSignals&) = delete;

 private:
  sigset_t before_;
};

}  // namespace oarlock

#endif  // OARLOCK_BASE_SIGNALS_H_

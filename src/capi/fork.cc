#include "capi/fork.h"

#include <pthread.h>

namespace oarlock::capi {

void WatchForks() {
  static const int watched = pthread_atfork(nullptr, nullptr, [] { has_forked = true; });
  (void)watched;
}

}  // namespace oarlock::capi

// A request asked of another version as well, once it is answered: with low priority, and only to compare the answers.
// The caller never sees it, and nothing of his waits for it.
#ifndef OARLOCK_RUNTIME_SHADOW_H_
#define OARLOCK_RUNTIME_SHADOW_H_

#include <atomic>
#include <cstdint>
#include <memory>

#include "runtime/predictor.h"

namespace oarlock {

// What came of a version's shadow requests. Thread-safe.
struct ShadowStatistics {
  std::atomic<int64_t> matched{0};
  std::atomic<int64_t> differed{0};
  std::atomic<int64_t> failed{0};   // answered with an error
  std::atomic<int64_t> dropped{0};  // not asked or not run: the queue was full, or the deadline passed
};

struct Shadow {
  std::shared_ptr<Predictor> predictor;
  std::shared_ptr<ShadowStatistics> statistics;
  float tolerance = 0;
};

// Asks `shadow` what `request` asked, and compares with `answer`, which was given to it. Copies both, except for inputs
// that `request.keep_alive` keeps. Counts what comes of it.
void AskShadow(const Shadow& shadow, const InferenceRequest& request, const InferenceResponse& answer);

// Have two answers the same outputs, with values that differ by no more than tolerance * (1 + |value|)? NaN equals NaN.
bool AnswersMatch(std::span<const InferenceOutput> one, std::span<const InferenceOutput> other, float tolerance);

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_SHADOW_H_

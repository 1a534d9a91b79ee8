// One client of a simulation: requests that are right or wrong, cancelled or not, with memory that is freed as soon as
// it is given back. It keeps count: each request ends exactly once, with the right answer or an error that is due. Not
// thread-safe, except that answers may come on any thread.
#ifndef OARLOCK_TESTS_SIMULATION_REQUESTS_H_
#define OARLOCK_TESTS_SIMULATION_REQUESTS_H_

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "world.h"

namespace oarlock {

// How requests ended, by all clients.
struct Tally {
  std::atomic<int64_t> asked{0};
  std::atomic<int64_t> refused{0};  // at once; never called back
  std::atomic<int64_t> answered{0};
  std::atomic<int64_t> cancelled{0};
  std::atomic<int64_t> expired{0};
  std::atomic<int64_t> failed{0};  // the engine's doing
  std::atomic<int64_t> wrong{0};
  std::atomic<int64_t> lent{0};
  std::atomic<int64_t> released{0};
};

class Requests {
 public:
  // Requests get deadlines up to `deadline_max` away.
  Requests(World* world, const Clock* clock, std::chrono::microseconds deadline_max, World::Random random, Tally* tally)
      : world_(*world), clock_(*clock), deadline_max_(deadline_max), random_(std::move(random)), tally_(*tally) {}

  World::Random* random() { return &random_; }
  void AskLater();
  // On this thread, if the model would; a request may then hold its execution until Release().
  void AskInline();
  void AskAndWait();
  // One of those that were asked last.
  void CancelOne();
  // The answers that are kept give back what they show.
  void Release();

 private:
  struct Question;
  std::shared_ptr<Question> NewQuestion(const LoadedModel& model);
  std::optional<RoutedPredictor> PickOne();
  void Check(const Question& question, const absl::Status& status, const InferenceResponse& response);
  bool Chance(uint64_t one_in) { return random_() % one_in == 0; }

  World& world_;
  const Clock& clock_;
  const std::chrono::microseconds deadline_max_;
  World::Random random_;
  Tally& tally_;
  std::vector<std::pair<RoutedPredictor, uint64_t>> cancellable_;
  std::mutex mutex_;
  std::vector<InferenceResponse> kept_;  // guarded by mutex_
};

}  // namespace oarlock

#endif  // OARLOCK_TESTS_SIMULATION_REQUESTS_H_

#include "open_load.h"

#include <atomic>
#include <latch>
#include <thread>

namespace oarlock {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

}  // namespace

std::vector<Asked> RunOpenLoad(const LoneModel& lone, const std::vector<int64_t>& due_ns, nanoseconds cut_off) {
  std::vector<Asked> asked(due_ns.size());
  std::latch all(static_cast<std::ptrdiff_t>(due_ns.size()));
  const auto start = steady_clock::now() + std::chrono::milliseconds(1);
  const auto since = [start] { return (steady_clock::now() - start).count(); };
  for (size_t i = 0; i < due_ns.size(); ++i) {
    Asked& each = asked[i];
    each.due_ns = due_ns[i];
    std::this_thread::sleep_until(start + nanoseconds(due_ns[i]));
    each.asked_ns = since();
    const auto id =
        lone.predictor->InferAsync(lone.request, [&each, &all, since](absl::Status status, InferenceResponse response) {
          each.done_ns = since();
          each.service_ns = response.times().run().count();
          each.outcome = status.ok() ? Outcome::kAnswered : Outcome::kFailed;
          response.Release();
          all.count_down();
        });
    each.told_ns = since();
    if (id.ok()) continue;
    each.outcome = absl::IsUnavailable(id.status()) ? Outcome::kRefused : Outcome::kFailed;
    all.count_down();
  }
  if (cut_off.count() > 0) {
    std::this_thread::sleep_until(start + cut_off);
    lone.predictor->CancelAll();
  }
  all.wait();
  return asked;
}

double Capacity(const LoneModel& lone, int in_flight, nanoseconds duration) {
  std::atomic<int64_t> answered{0};
  std::latch all(in_flight);
  const auto start = steady_clock::now();
  const auto until = start + duration;
  // Each answer asks again.
  struct Chain {
    const LoneModel& lone;
    std::atomic<int64_t>* answered;
    std::latch* all;
    steady_clock::time_point until;
    void Ask() {
      const auto id = lone.predictor->InferAsync(lone.request, [this](absl::Status status, InferenceResponse response) {
        response.Release();
        if (steady_clock::now() >= until) return all->count_down();
        if (status.ok()) ++*answered;
        Ask();
      });
      if (!id.ok()) all->count_down();
    }
  };
  std::vector<Chain> chains(static_cast<size_t>(in_flight), Chain{lone, &answered, &all, until});
  for (Chain& chain : chains) chain.Ask();
  all.wait();
  return static_cast<double>(answered) / std::chrono::duration<double>(duration).count();
}

}  // namespace oarlock

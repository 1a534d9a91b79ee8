// Which version of a model answers a request: by weight, and by key where the request has one. A pure function of its
// weights, the key, and how many requests without one came before. Const use from any thread.
#ifndef OARLOCK_RUNTIME_ROUTER_H_
#define OARLOCK_RUNTIME_ROUTER_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace oarlock {

class Router {
 public:
  // Version -> weight; one at least is above 0.
  explicit Router(const std::map<int64_t, int64_t>& weights);

  // Without a key: versions take turns, so that after n requests each is within a few of its share.
  int64_t Next() const;
  // With one: always the same version for the same weights, in every process. If weights change, only as many keys move
  // as must (rendezvous hashing: Thaler and Ravishankar, "Using name-based mappings to increase hit rates"; weighted by
  // the logarithmic method of Schindelhauer and Schomaker, "Weighted distributed hash tables").
  int64_t Of(std::string_view key) const;

 private:
  struct Variant {
    int64_t version;
    double weight;
    double end;  // of its part of [0, 1)
  };
  std::vector<Variant> variants_;
  mutable std::atomic<uint64_t> count_{0};
};

// Of so many percent of calls it says yes, evenly spread. Thread-safe.
class Sampler {
 public:
  explicit Sampler(int64_t percent) : percent_(static_cast<uint64_t>(percent)) {}
  bool Next() {
    const uint64_t n = count_.fetch_add(1, std::memory_order_relaxed);
    return (n + 1) * percent_ / 100 != n * percent_ / 100;
  }

 private:
  const uint64_t percent_;
  std::atomic<uint64_t> count_{0};
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_ROUTER_H_

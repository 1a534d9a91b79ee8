// How many answers went out, by HTTP's status or gRPC's code. Thread-safe.
//   counts.Add(404);
//   for (const auto& [status, count] : counts.Read()) ...
#ifndef OARLOCK_SERVER_PROTOCOL_ANSWER_COUNTS_H_
#define OARLOCK_SERVER_PROTOCOL_ANSWER_COUNTS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <map>

namespace oarlock {

class AnswerCounts {
 public:
  void Add(int status) { counts_.at(static_cast<size_t>(status)).fetch_add(1, std::memory_order_relaxed); }
  // Of those that there were.
  std::map<int, int64_t> Read() const {
    std::map<int, int64_t> counts;
    for (size_t status = 0; status < counts_.size(); ++status) {
      if (const int64_t count = counts_[status].load(std::memory_order_relaxed))
        counts[static_cast<int>(status)] = count;
    }
    return counts;
  }

 private:
  std::array<std::atomic<int64_t>, 600> counts_{};
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_ANSWER_COUNTS_H_

// What is measured: a model in this process, a server, or another program. One owner, one thread.
#ifndef OARLOCK_BENCH_TARGET_H_
#define OARLOCK_BENCH_TARGET_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "bench/load.h"

namespace oarlock {

class Target {
 public:
  virtual ~Target() = default;
  // As it stands in tables: "relu on onnxruntime, in process", "http://127.0.0.1:8080/v2/models/relu".
  virtual std::string name() const = 0;
  // Runs one block and waits for its end. An error is one of the target itself; a request's is counted in the result.
  virtual absl::StatusOr<BlockResult> Run(const Load& load) = 0;
  // False: it tells only the sum of a block.
  virtual bool tells_latencies() const { return true; }
  // A short look inside, apart from the timed blocks. Empty where there is nothing to see.
  virtual absl::StatusOr<Anatomy> LookInside() { return Anatomy(); }
};

}  // namespace oarlock

#endif  // OARLOCK_BENCH_TARGET_H_

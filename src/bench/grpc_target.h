// A model on a server, asked over gRPC with the KServe v2 protocol (GRPCInferenceService); or any server that takes the
// same bytes (an echo). The request is made once, with raw tensors, and sent again and again.
#ifndef OARLOCK_BENCH_GRPC_TARGET_H_
#define OARLOCK_BENCH_GRPC_TARGET_H_

#include <memory>
#include <string>
#include <vector>

#include "bench/grpc_client.h"
#include "bench/random_tensor.h"
#include "bench/target.h"

namespace oarlock {

// What a server says that its model takes (ModelMetadata), filled with seeded random values. The address is
// grpc://HOST:PORT/v2/models/NAME, with /versions/VERSION behind it if one is meant; INVALID_ARGUMENT for another path.
absl::StatusOr<std::vector<NamedTensor>> RandomGrpcInputsOf(const ServerUrl& url, uint64_t seed);

class GrpcTarget : public Target {
 public:
  // The first answer must be a good one.
  static absl::StatusOr<std::unique_ptr<GrpcTarget>> Create(const ServerUrl& url,
                                                            const std::vector<NamedTensor>& inputs);

  std::string name() const override { return name_; }
  absl::StatusOr<BlockResult> Run(const Load& load) override;

 private:
  GrpcTarget(const ServerUrl& url, std::string message)
      : client_(url), name_(url.text()), message_(std::move(message)) {}
  GrpcClient client_;
  std::string name_;
  std::string message_;
};

}  // namespace oarlock

#endif  // OARLOCK_BENCH_GRPC_TARGET_H_

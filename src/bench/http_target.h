// A model on a server, asked over HTTP with the KServe v2 protocol; or any address that takes the same bytes (an echo,
// another framework's route). The request is made once and sent again and again.
#ifndef OARLOCK_BENCH_HTTP_TARGET_H_
#define OARLOCK_BENCH_HTTP_TARGET_H_

#include <memory>
#include <string>
#include <vector>

#include "bench/http_client.h"
#include "bench/random_tensor.h"
#include "bench/target.h"

namespace oarlock {

// The body of an inference request, and the header that tells where its JSON ends (none if it is all JSON).
struct InferBody {
  std::string bytes;
  size_t json_size_bytes = 0;
  bool binary = false;
};
// `binary`: tensors as bytes behind the JSON, in the answer too; else everything as JSON numbers.
absl::StatusOr<InferBody> MakeInferBody(const std::vector<NamedTensor>& inputs, bool binary);

// What a server says that its model takes (GET url), filled with seeded random values.
absl::StatusOr<std::vector<NamedTensor>> RandomInputsOf(const ServerUrl& url, uint64_t seed);

class HttpTarget : public Target {
 public:
  // A path with /v2/models/ in it gets /infer appended; another is asked as it stands. The first answer must be a 200.
  static absl::StatusOr<std::unique_ptr<HttpTarget>> Create(const ServerUrl& url, const InferBody& body);

  std::string name() const override { return name_; }
  absl::StatusOr<BlockResult> Run(const Load& load) override { return client_.Run(request_, load); }
  // The stages that the server tells of itself (Server-Timing), and what is left: the network and this client.
  absl::StatusOr<Anatomy> LookInside() override;

 private:
  HttpTarget(const ServerUrl& url, std::string name) : client_(url), name_(std::move(name)) {}
  HttpClient client_;
  std::string name_;
  std::string request_;
  std::string request_with_timing_;
};

}  // namespace oarlock

#endif  // OARLOCK_BENCH_HTTP_TARGET_H_

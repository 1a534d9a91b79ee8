// InferParameter of KServe v2: what a request, an input or an output says besides. Pure; any thread.
// Ownership: texts are views of the message.
#ifndef OARLOCK_SERVER_GRPC_INFER_PARAMETER_H_
#define OARLOCK_SERVER_GRPC_INFER_PARAMETER_H_

#include <cstdint>
#include <string_view>
#include <variant>

#include "absl/status/statusor.h"

namespace oarlock {

struct InferParameter {
  std::string_view name;
  std::variant<std::monostate, bool, int64_t, std::string_view, double, uint64_t> value;

  // INVALID_ARGUMENT, naming the parameter, if it holds anything else.
  absl::StatusOr<int64_t> AsCount() const;  // >= 0; of either kind of integer
  absl::StatusOr<bool> AsBool() const;
  absl::StatusOr<std::string_view> AsText() const;
};

// One entry of a map<string, InferParameter>.
absl::StatusOr<InferParameter> ReadParameter(std::string_view entry);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_INFER_PARAMETER_H_

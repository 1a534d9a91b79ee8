// The elements of one tensor out of InferTensorContents, where a client did not send them raw. Pure; any thread.
#ifndef OARLOCK_SERVER_GRPC_INFER_CONTENTS_H_
#define OARLOCK_SERVER_GRPC_INFER_CONTENTS_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "tensor/tensor.h"

namespace oarlock {

// `contents` is the message's bytes. INVALID_ARGUMENT if they are of another type's field, too few or too many for
// `shape`, or do not fit the type; FP16 and BF16 have no field.
absl::StatusOr<std::shared_ptr<Buffer>> ReadContents(std::string_view contents, DType dtype, const Shape& shape);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_INFER_CONTENTS_H_

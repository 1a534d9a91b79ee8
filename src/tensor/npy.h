// NumPy's .npy files, format versions 1.0 to 3.0: how `oarlock run` reads inputs and writes outputs.
// Little-endian, C order; booleans, integers, floats. BF16 has no .npy dtype and BYTES ('|S', '|O') are not read:
// both are refused with the reason. Written files are version 1.0 (BYTES as fixed-width '|Sn').
// Source: numpy.lib.format's documentation of the format.
#ifndef OARLOCK_TENSOR_NPY_H_
#define OARLOCK_TENSOR_NPY_H_

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "base/limits.h"
#include "tensor/tensor.h"

namespace oarlock {

absl::StatusOr<Tensor> ReadNpy(const std::filesystem::path& path, const Limits& limits);
absl::StatusOr<Tensor> ParseNpy(std::span<const std::byte> bytes);
absl::Status WriteNpy(const std::filesystem::path& path, const TensorView& view);
absl::StatusOr<std::string> SerializeNpy(const TensorView& view);

}  // namespace oarlock

#endif  // OARLOCK_TENSOR_NPY_H_

#include "bench/random_tensor.h"

#include <cstring>
#include <random>

#include "base/limits.h"
#include "base/status.h"

namespace oarlock {
namespace {

template <typename T>
void Fill(std::mt19937_64& random, bool real, Tensor* tensor) {
  T* values = reinterpret_cast<T*>(tensor->data());
  for (size_t i = 0; i < tensor->size_bytes() / sizeof(T); ++i) {
    // Not std::uniform_*_distribution: its results differ between libraries.
    const uint64_t bits = random();
    values[i] = real ? static_cast<T>(static_cast<double>(bits >> 40) / 16777216.0) : static_cast<T>(bits % 10);
  }
}

// Sixteen-bit floats as bits: k/128 with k below 128 is exact in both.
void FillHalves(std::mt19937_64& random, bool brain, Tensor* tensor) {
  auto* values = reinterpret_cast<uint16_t*>(tensor->data());
  for (size_t i = 0; i < tensor->size_bytes() / 2; ++i) {
    const auto k = static_cast<float>(random() % 128);
    const float value = k / 128.0F;
    uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    if (brain || value == 0.0F) {
      values[i] = static_cast<uint16_t>(bits >> 16);
    } else {
      values[i] = static_cast<uint16_t>((((bits >> 23) - 112) << 10) | ((bits >> 13) & 0x3FF));
    }
  }
}

}  // namespace

absl::StatusOr<Tensor> RandomTensor(const Port& port, uint64_t seed) {
  if (!port.rank_known) return InvalidArgument("input '{}' has no known rank; give it with --input", port.name);
  Shape shape = port.shape;
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape[i] == kDynamic) shape.set_dim(i, 1);
  }
  if (port.dtype == DType::kBytes) {
    return InvalidArgument("input '{}' is BYTES; --random makes numbers only (give pictures with --image)", port.name);
  }
  // The shape may come from a file or a server.
  OAR_ASSIGN_OR_RETURN(const int64_t count, shape.ElementCount());
  if (const int64_t count_max = Limits().request_elements_max; count > count_max) {
    return ResourceExhausted("input '{}' of shape {} takes {} elements; the limit is {}", Printable(port.name),
                             shape.ToString(), count, count_max);
  }
  OAR_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Allocate(port.dtype, shape));
  std::mt19937_64 random(seed);
  switch (port.dtype) {
    case DType::kBool:
      for (size_t i = 0; i < tensor.size_bytes(); ++i) tensor.data()[i] = static_cast<std::byte>(random() & 1);
      break;
    case DType::kF16:
    case DType::kBF16:
      FillHalves(random, port.dtype == DType::kBF16, &tensor);
      break;
    case DType::kF32:
      Fill<float>(random, true, &tensor);
      break;
    case DType::kF64:
      Fill<double>(random, true, &tensor);
      break;
    default:
      switch (ElementSizeBytes(port.dtype)) {
        case 1:
          Fill<uint8_t>(random, false, &tensor);
          break;
        case 2:
          Fill<uint16_t>(random, false, &tensor);
          break;
        case 4:
          Fill<uint32_t>(random, false, &tensor);
          break;
        default:
          Fill<uint64_t>(random, false, &tensor);
          break;
      }
  }
  return tensor;
}

}  // namespace oarlock

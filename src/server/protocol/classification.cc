#include "server/protocol/classification.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace oarlock {
namespace {

template <typename T>
bool IsNan(T value) {
  if constexpr (std::is_floating_point_v<T>) return std::isnan(value);
  return false;
}

// Room for the answer is taken by what it names, so that this is checked before.
struct Rows {
  int64_t count = 1;
  int64_t classes = 1;
  int64_t best = 1;  // of each row
  bool has_dim = false;

  static absl::StatusOr<Rows> Of(const Shape& shape, const Classification& wish, const Limits& limits) {
    Rows rows;
    rows.has_dim = shape.rank() > 1 || (wish.batched && shape.rank() > 0);
    if (rows.has_dim) rows.count = shape[0];
    OAR_ASSIGN_OR_RETURN(rows.classes, Shape::From(shape.dims().subspan(rows.has_dim ? 1 : 0))->ElementCount());
    rows.best = std::min(wish.count, rows.classes);
    int64_t elements = 0;
    if (__builtin_mul_overflow(rows.count, rows.best, &elements) || elements > limits.classification_elements_max) {
      return InvalidArgument(
          "a classification of {} rows with {} classes each; at most {} are named in all "
          "(classification_elements_max)",
          rows.count, rows.best, limits.classification_elements_max);
    }
    return rows;
  }
  Shape shape() const { return has_dim ? Shape{count, best} : Shape{best}; }
};

class Namer {
 public:
  static absl::StatusOr<Namer> Of(const TensorView& scores, const Classification& wish) {
    Namer namer(wish.classes.As<int64_t>());
    OAR_ASSIGN_OR_RETURN(const int64_t count, scores.shape.ElementCount());
    const bool has_classes = wish.classes.data != nullptr;
    if (has_classes && namer.classes_.size() != static_cast<size_t>(count)) {
      return Internal("{} classes of {} scores", namer.classes_.size(), count);
    }
    if (wish.labels.data == nullptr) return namer;
    OAR_ASSIGN_OR_RETURN(namer.labels_, BytesElements(wish.labels.bytes(), count));
    return namer;
  }

  // `index` in its row, whose first element is `begin` of all.
  template <typename T>
  std::string Text(T value, size_t index, size_t begin) const {
    const int64_t number = classes_.empty() ? static_cast<int64_t>(index) : classes_[begin + index];
    if (labels_.empty()) return fmt::format("{}:{}", value, number);
    return fmt::format("{}:{}:{}", value, number, labels_[begin + index]);
  }

 private:
  explicit Namer(std::span<const int64_t> classes) : classes_(classes) {}
  std::span<const int64_t> classes_;
  std::vector<std::string_view> labels_;
};

template <typename T>
absl::Status AppendRows(const TensorView& scores, const Rows& rows, const Namer& namer, std::string* packed) {
  const auto classes = static_cast<size_t>(rows.classes);
  const auto best = static_cast<std::ptrdiff_t>(rows.best);
  std::vector<T> row(classes);
  std::vector<size_t> order(classes);
  for (size_t n = 0; n < static_cast<size_t>(rows.count); ++n) {
    if (classes > 0) std::memcpy(row.data(), scores.data + n * classes * sizeof(T), classes * sizeof(T));
    for (size_t i = 0; i < classes; ++i) order[i] = i;
    std::partial_sort(order.begin(), order.begin() + best, order.end(), [&row](size_t a, size_t b) {
      if (IsNan(row[a]) != IsNan(row[b])) return IsNan(row[b]);
      if (!IsNan(row[a]) && row[a] != row[b]) return row[a] > row[b];
      return a < b;
    });
    for (std::ptrdiff_t i = 0; i < best; ++i) {
      const size_t index = order[static_cast<size_t>(i)];
      OAR_RETURN_IF_ERROR(AppendBytesElement(namer.Text(row[index], index, n * classes), packed));
    }
  }
  return absl::OkStatus();
}

using Append = absl::Status (*)(const TensorView&, const Rows&, const Namer&, std::string*);

Append AppendOf(DType dtype) {
  switch (dtype) {
    case DType::kU8:
      return AppendRows<uint8_t>;
    case DType::kU16:
      return AppendRows<uint16_t>;
    case DType::kU32:
      return AppendRows<uint32_t>;
    case DType::kU64:
      return AppendRows<uint64_t>;
    case DType::kI8:
      return AppendRows<int8_t>;
    case DType::kI16:
      return AppendRows<int16_t>;
    case DType::kI32:
      return AppendRows<int32_t>;
    case DType::kI64:
      return AppendRows<int64_t>;
    case DType::kF32:
      return AppendRows<float>;
    case DType::kF64:
      return AppendRows<double>;
    default:
      return nullptr;
  }
}

}  // namespace

absl::Status CheckClassifiable(DType dtype) {
  if (AppendOf(dtype) != nullptr) return absl::OkStatus();
  return InvalidArgument("is {}; a classification takes integers, FP32 or FP64", NameOf(dtype));
}

absl::StatusOr<Tensor> Classify(const TensorView& scores, const Classification& wish, const Limits& limits) {
  OAR_RETURN_IF_ERROR(CheckClassifiable(scores.dtype));
  OAR_RETURN_IF_ERROR(CheckView(scores, {"the scores"}));
  OAR_ASSIGN_OR_RETURN(const Rows rows, Rows::Of(scores.shape, wish, limits));
  OAR_ASSIGN_OR_RETURN(const Namer namer, Namer::Of(scores, wish));
  std::string packed;
  OAR_RETURN_IF_ERROR(AppendOf(scores.dtype)(scores, rows, namer, &packed));
  return Tensor::Clone({DType::kBytes, rows.shape(), reinterpret_cast<const std::byte*>(packed.data()), packed.size()});
}

}  // namespace oarlock

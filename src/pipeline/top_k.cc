#include "pipeline/top_k.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "base/status.h"
#include "pipeline/float_at.h"

namespace oarlock {
namespace {

absl::Status CheckTopK(const TensorView& scores, const TopKDecode& decode) {
  OAR_RETURN_IF_ERROR(CheckView(scores, {"the output for top_k"}));
  if (scores.dtype != DType::kF32 || scores.shape.rank() != 2) {
    return InvalidArgument("top_k takes an FP32 output [N,C]; this one is {} {}", NameOf(scores.dtype),
                           scores.shape.ToString());
  }
  if (decode.k < 1) return InvalidArgument("top_k.k is {}; it must be at least 1", decode.k);
  if (scores.shape[1] == 0) return InvalidArgument("an output {} has no classes", scores.shape.ToString());
  if (!decode.labels.empty() && std::cmp_not_equal(decode.labels.size(), scores.shape[1])) {
    return InvalidArgument("the output has {} classes; there are {} labels", scores.shape[1], decode.labels.size());
  }
  return absl::OkStatus();
}

// NaN stays NaN and counts for nothing. Equality with the maximum is asked first, so that infinite scores share the
// whole instead of becoming NaN.
void Softmax(std::span<float> row) {
  float best = -std::numeric_limits<float>::infinity();
  for (const float value : row) best = value > best ? value : best;
  const auto weight = [best](float value) { return value == best ? 1.0 : std::exp(double{value} - best); };
  double sum = 0;
  for (const float value : row) sum += std::isnan(value) ? 0 : weight(value);
  for (float& value : row) {
    if (!std::isnan(value)) value = static_cast<float>(weight(value) / sum);
  }
}

std::vector<RankedClass> BestOf(std::span<const float> row, const TopKDecode& decode) {
  std::vector<size_t> order(row.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto count = static_cast<std::ptrdiff_t>(std::min(static_cast<size_t>(decode.k), row.size()));
  std::partial_sort(order.begin(), order.begin() + count, order.end(), [row](size_t a, size_t b) {
    const bool a_is_nan = std::isnan(row[a]);
    const bool b_is_nan = std::isnan(row[b]);
    if (a_is_nan != b_is_nan) return b_is_nan;
    if (!a_is_nan && row[a] != row[b]) return row[a] > row[b];
    return a < b;
  });
  order.resize(static_cast<size_t>(count));
  std::vector<RankedClass> best;
  best.reserve(order.size());
  for (const size_t i : order) {
    best.push_back({decode.labels.empty() ? std::to_string(i) : decode.labels[i], row[i], static_cast<int64_t>(i)});
  }
  return best;
}

}  // namespace

absl::StatusOr<std::vector<std::vector<RankedClass>>> TopK(const TensorView& scores, const TopKDecode& decode) {
  OAR_RETURN_IF_ERROR(CheckTopK(scores, decode));
  const auto rows = static_cast<size_t>(scores.shape[0]);
  std::vector<float> row(static_cast<size_t>(scores.shape[1]));
  std::vector<std::vector<RankedClass>> result;
  result.reserve(rows);
  for (size_t n = 0; n < rows; ++n) {
    for (size_t c = 0; c < row.size(); ++c) row[c] = FloatAt(scores, n * row.size() + c);
    if (decode.softmax) Softmax(row);
    result.push_back(BestOf(row, decode));
  }
  return result;
}

}  // namespace oarlock

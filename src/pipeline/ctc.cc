#include "pipeline/ctc.h"

#include <cmath>
#include <utility>

#include "base/status.h"
#include "pipeline/float_at.h"

namespace oarlock {
namespace {

absl::Status CheckCtc(const TensorView& probabilities, const CtcDecode& decode) {
  OAR_RETURN_IF_ERROR(CheckView(probabilities, {"the output for CTC"}));
  const Shape& shape = probabilities.shape;
  if (probabilities.dtype != DType::kF32 || shape.rank() != 3) {
    return InvalidArgument("CTC takes an FP32 output [N,T,C]; this one is {} {}", NameOf(probabilities.dtype),
                           shape.ToString());
  }
  const size_t classes = decode.characters.size() + 1;
  if (std::cmp_not_equal(shape[2], classes)) {
    return InvalidArgument("the output has {} classes; a charset of {} characters and the blank need {}", shape[2],
                           decode.characters.size(), classes);
  }
  if (decode.blank < 0 || std::cmp_greater_equal(decode.blank, classes)) {
    return InvalidArgument("the blank is class {}; the output has classes 0 to {}", decode.blank, classes - 1);
  }
  if (shape[0] > 0 && shape[1] == 0) return InvalidArgument("an output {} has no steps to decode", shape.ToString());
  return absl::OkStatus();
}

struct Step {
  size_t best;
  float probability;
};

Step BestOf(const TensorView& probabilities, size_t first, size_t classes, size_t blank) {
  Step step{blank, 0};
  bool found = false;
  for (size_t c = 0; c < classes; ++c) {
    const float value = FloatAt(probabilities, first + c);
    if (std::isnan(value) || (found && !(value > step.probability))) continue;
    step = {c, value};
    found = true;
  }
  return step;
}

CtcText DecodeRow(const TensorView& probabilities, size_t first, size_t steps, const CtcDecode& decode) {
  const size_t classes = decode.characters.size() + 1;
  const auto blank = static_cast<size_t>(decode.blank);
  CtcText row;
  double emitted_sum = 0;
  size_t emitted_count = 0;
  double blank_sum = 0;
  size_t previous = blank;
  for (size_t t = 0; t < steps; ++t) {
    const Step step = BestOf(probabilities, first + t * classes, classes, blank);
    if (step.best == blank) {
      blank_sum += step.probability;
    } else if (step.best != previous) {
      row.text += decode.characters[step.best < blank ? step.best : step.best - 1];
      emitted_sum += step.probability;
      ++emitted_count;
    }
    previous = step.best;
  }
  // Nothing emitted means that every step was a blank.
  row.confidence = static_cast<float>(emitted_count > 0 ? emitted_sum / static_cast<double>(emitted_count)
                                                        : blank_sum / static_cast<double>(steps));
  return row;
}

}  // namespace

absl::StatusOr<std::vector<CtcText>> CtcGreedy(const TensorView& probabilities, const CtcDecode& decode) {
  OAR_RETURN_IF_ERROR(CheckCtc(probabilities, decode));
  const auto rows = static_cast<size_t>(probabilities.shape[0]);
  const auto steps = static_cast<size_t>(probabilities.shape[1]);
  const size_t row_size = steps * (decode.characters.size() + 1);
  std::vector<CtcText> texts;
  texts.reserve(rows);
  for (size_t n = 0; n < rows; ++n) texts.push_back(DecodeRow(probabilities, n * row_size, steps, decode));
  return texts;
}

}  // namespace oarlock

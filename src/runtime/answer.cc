#include "runtime/answer.h"

#include <algorithm>
#include <cstring>

#include "base/status.h"

namespace oarlock {
namespace {

Port PortOf(std::string name, DType dtype, Shape shape) {
  Port port;
  port.name = std::move(name);
  port.dtype = dtype;
  port.shape = shape;
  return port;
}

template <typename T>
absl::StatusOr<Tensor> TensorOf(const std::vector<T>& values, const Shape& shape) {
  return Tensor::Clone(
      {DTypeOf<T>(), shape, reinterpret_cast<const std::byte*>(values.data()), values.size() * sizeof(T)});
}

absl::StatusOr<Tensor> TensorOf(const std::vector<std::string>& values, const Shape& shape) {
  std::string packed;
  for (const std::string& value : values) OAR_RETURN_IF_ERROR(AppendBytesElement(value, &packed));
  return Tensor::Clone({DType::kBytes, shape, reinterpret_cast<const std::byte*>(packed.data()), packed.size()});
}

absl::StatusOr<std::vector<Tensor>> DecodeCtc(const CtcDecode& ctc, const TensorView& output) {
  OAR_ASSIGN_OR_RETURN(const std::vector<CtcText> rows, CtcGreedy(output, ctc));
  std::vector<std::string> texts;
  std::vector<float> confidences;
  for (const CtcText& row : rows) {
    texts.push_back(row.text);
    confidences.push_back(row.confidence);
  }
  const Shape shape{static_cast<int64_t>(rows.size())};
  OAR_ASSIGN_OR_RETURN(Tensor text, TensorOf(texts, shape));
  OAR_ASSIGN_OR_RETURN(Tensor confidence, TensorOf(confidences, shape));
  return std::vector<Tensor>{std::move(text), std::move(confidence)};
}

absl::StatusOr<std::vector<Tensor>> DecodeTopK(const TopKDecode& top_k, const TensorView& output) {
  OAR_ASSIGN_OR_RETURN(const auto rows, TopK(output, top_k));
  std::vector<std::string> labels;
  std::vector<float> scores;
  std::vector<int64_t> classes;
  for (const auto& row : rows) {
    for (const RankedClass& ranked : row) {
      labels.push_back(ranked.label);
      scores.push_back(ranked.score);
      classes.push_back(ranked.class_index);
    }
  }
  const int64_t k = std::min<int64_t>(top_k.k, output.shape[1]);
  const Shape shape{static_cast<int64_t>(rows.size()), k};
  OAR_ASSIGN_OR_RETURN(Tensor label, TensorOf(labels, shape));
  OAR_ASSIGN_OR_RETURN(Tensor score, TensorOf(scores, shape));
  OAR_ASSIGN_OR_RETURN(Tensor index, TensorOf(classes, shape));
  return std::vector<Tensor>{std::move(label), std::move(score), std::move(index)};
}

}  // namespace

std::vector<Port> AnswerPorts(const Postprocess& postprocess) {
  if (postprocess.ctc) {
    return {PortOf("text", DType::kBytes, {kDynamic}), PortOf("confidence", DType::kF32, {kDynamic})};
  }
  return {PortOf("label", DType::kBytes, {kDynamic, kDynamic}), PortOf("score", DType::kF32, {kDynamic, kDynamic}),
          PortOf("class", DType::kI64, {kDynamic, kDynamic})};
}

absl::StatusOr<std::vector<Tensor>> DecodeAnswer(const Postprocess& postprocess, const TensorView& output) {
  return postprocess.ctc ? DecodeCtc(*postprocess.ctc, output) : DecodeTopK(*postprocess.top_k, output);
}

}  // namespace oarlock

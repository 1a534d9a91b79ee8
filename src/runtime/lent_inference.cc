#include "runtime/lent_inference.h"

#include "base/status.h"

namespace oarlock {

absl::StatusOr<std::shared_ptr<LentInference>> LentInference::Create(std::shared_ptr<const LoadedModel> model,
                                                                     std::span<const StridedTensor* const> inputs,
                                                                     std::span<const StridedTensor* const> outputs) {
  auto made = std::make_shared<LentInference>(std::move(model));
  OAR_RETURN_IF_ERROR(made->Bind(inputs, outputs));
  return made;
}

absl::Status LentInference::Bind(std::span<const StridedTensor* const> inputs,
                                 std::span<const StridedTensor* const> outputs) {
  const LoadedModel& model = lent_.model();
  if (inputs.size() != model.inputs.size()) {
    return InvalidArgument("{} inputs; model '{}' has {}", inputs.size(), model.name, model.inputs.size());
  }
  if (outputs.size() != model.outputs.size() && !outputs.empty()) {
    return InvalidArgument("{} outputs; model '{}' has {}", outputs.size(), model.name, model.outputs.size());
  }
  for (size_t i = 0; i < inputs.size(); ++i) OAR_RETURN_IF_ERROR(lent_.BindInput(i, *inputs[i]));
  for (size_t i = 0; i < model.outputs.size(); ++i) {
    const PublicOutput& output = model.outputs[i];
    if (i < outputs.size() && outputs[i] != nullptr) {
      OAR_RETURN_IF_ERROR(lent_.BindOutput(i, *outputs[i]));
    } else if (output.size_bytes > 0) {  // written where it will be handed out
      OAR_ASSIGN_OR_RETURN(StridedTensor room, StridedTensor::Allocate(output.port.dtype, output.port.shape));
      OAR_RETURN_IF_ERROR(lent_.BindOutput(i, std::move(room)));
    }
  }
  return lent_.Prepare();
}

absl::StatusOr<LentInference::Tensors> LentInference::Take(const InferenceResponse& response) const {
  Tensors tensors;
  for (size_t i = 0; i < response.outputs().size(); ++i) {
    const TensorView& view = response.outputs()[i].view;
    const StridedTensor* const lent = lent_.output(i);
    if (lent == nullptr) {
      OAR_ASSIGN_OR_RETURN(Tensor own, Tensor::Clone(view));
      tensors.push_back(StridedTensor::Of(std::move(own)));
      continue;
    }
    if (!(lent->shape() == view.shape)) {
      return InvalidArgument("output '{}' is {}; the tensor given for it is {}", response.outputs()[i].name,
                             view.shape.ToString(), lent->shape().ToString());
    }
    tensors.push_back(*lent);
  }
  return tensors;
}

}  // namespace oarlock

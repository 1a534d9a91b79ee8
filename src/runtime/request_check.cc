#include "runtime/request_check.h"

#include "base/nearest.h"
#include "base/status.h"

namespace oarlock {
namespace {

template <typename Items, typename NameOfItem>
absl::Status UnknownName(std::string_view kind, std::string_view name, const LoadedModel& model, const Items& items,
                         NameOfItem name_of) {
  std::vector<std::string_view> known;
  for (const auto& item : items) known.push_back(name_of(item));
  return InvalidArgument("model '{}' has no {} '{}'{}", model.name, kind, Printable(name), Suggestion(name, known));
}

absl::Status CheckInput(const LoadedModel& model, const Port& port, const RequestInput& input) {
  if (input.dtype != port.dtype) {
    return InvalidArgument("input '{}' is {}; model '{}' takes {}", port.name, NameOf(input.dtype), model.name,
                           NameOf(port.dtype));
  }
  if (port.rank_known && !port.shape.Admits(input.shape)) {
    return InvalidArgument("input '{}' has shape {}; model '{}' takes {} (-1 is any)", port.name,
                           input.shape.ToString(), model.name, port.shape.ToString());
  }
  size_t given = 0;
  for (const Segment& segment : input.segments) {
    if (segment.data == nullptr && segment.size_bytes > 0) return InvalidArgument("input '{}' has no data", port.name);
    if (__builtin_add_overflow(given, segment.size_bytes, &given)) {
      return InvalidArgument("input '{}' has segments of more than 2^64-1 bytes", port.name);
    }
  }
  if (port.dtype == DType::kBytes) return input.shape.ElementCount().status();  // elements are read where they are used
  if (size_t wanted = 0; input.shape.TrySizeBytes(input.dtype, &wanted) && wanted == given) return absl::OkStatus();
  const auto wanted = input.shape.SizeBytes(input.dtype);
  if (!wanted.ok()) return Annotate(wanted.status(), fmt::format("input '{}'", port.name));
  if (*wanted != given) {
    return InvalidArgument("input '{}' of {} {} takes {} bytes; {} were given", port.name, NameOf(input.dtype),
                           input.shape.ToString(), *wanted, given);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckRequest(const LoadedModel& model, const InferenceRequest& request) {
  for (size_t i = 0; i < request.inputs.size(); ++i) {
    const RequestInput& input = request.inputs[i];
    const Port* port = FindNamed(model.inputs, input.name, i);
    if (port == nullptr) {
      return UnknownName("input", input.name, model, model.inputs,
                         [](const Port& each) { return std::string_view(each.name); });
    }
    for (size_t j = 0; j < i; ++j) {
      if (request.inputs[j].name == input.name) return InvalidArgument("input '{}' is given twice", port->name);
    }
    OAR_RETURN_IF_ERROR(CheckInput(model, *port, input));
  }
  if (request.inputs.size() < model.inputs.size()) {
    for (size_t i = 0; i < model.inputs.size(); ++i) {
      const Port& port = model.inputs[i];
      if (FindNamed(request.inputs, port.name, i) == nullptr) {
        return InvalidArgument("input '{}' ({} {}) of model '{}' is missing", port.name, NameOf(port.dtype),
                               port.shape.ToString(), model.name);
      }
    }
  }
  for (size_t i = 0; i < request.outputs.size(); ++i) {
    const std::string_view name = request.outputs[i].name;
    bool known = i < model.outputs.size() && model.outputs[i].port.name == name;
    for (size_t j = 0; !known && j < model.outputs.size(); ++j) known = model.outputs[j].port.name == name;
    if (!known) {
      return UnknownName("output", name, model, model.outputs,
                         [](const PublicOutput& each) { return std::string_view(each.port.name); });
    }
    for (size_t j = 0; j < i; ++j) {
      if (request.outputs[j].name == name) return InvalidArgument("output '{}' is asked for twice", name);
    }
  }
  return absl::OkStatus();
}

}  // namespace oarlock

// The extensions trace and logging: their settings can be asked, and given the values that they have.
#include <string>
#include <vector>

#include "server/grpc/messages.h"
#include "server/protocol/settings.h"

namespace oarlock {
namespace {

using LogMessageValue = inference::LogSettingsRequest::SettingValue;

absl::StatusOr<LogValue> ValueOf(const std::string& name, const LogMessageValue& value) {
  switch (value.parameter_choice_case()) {
    case LogMessageValue::kBoolParam:
      return value.bool_param();
    case LogMessageValue::kUint32Param:
      return int64_t{value.uint32_param()};
    case LogMessageValue::kStringParam:
      return value.string_param();
    case LogMessageValue::PARAMETER_CHOICE_NOT_SET:
      break;
  }
  return InvalidArgument("setting '{}' has no value", Printable(name));
}

void Fill(const LogValue& value, inference::LogSettingsResponse::SettingValue* to) {
  if (const auto* flag = std::get_if<bool>(&value)) to->set_bool_param(*flag);
  if (const auto* number = std::get_if<int64_t>(&value)) to->set_uint32_param(static_cast<uint32_t>(*number));
  if (const auto* text = std::get_if<std::string>(&value)) to->set_string_param(*text);
}

}  // namespace

absl::Status AnswerMessage(Service& service, const inference::TraceSettingRequest& question,
                           inference::TraceSettingResponse* answer) {
  if (!question.model_name().empty()) {
    OAR_RETURN_IF_ERROR(service.repository().Model(question.model_name()).status());
  }
  for (const auto& [name, value] : question.settings()) {
    if (value.value_size() > static_cast<int>(kTraceValuesMax)) {
      return InvalidArgument("'{}' has more than {} values", Printable(name), kTraceValuesMax);
    }
    OAR_RETURN_IF_ERROR(SetTrace(name, std::vector<std::string>(value.value().begin(), value.value().end())));
  }
  for (const TraceSetting& setting : TraceSettings()) {
    auto& filled = (*answer->mutable_settings())[std::string(setting.name)];
    for (const std::string& value : setting.values) filled.add_value(value);
  }
  return absl::OkStatus();
}

absl::Status AnswerMessage(Service&, const inference::LogSettingsRequest& question,
                           inference::LogSettingsResponse* answer) {
  for (const auto& [name, value] : question.settings()) {
    OAR_ASSIGN_OR_RETURN(const LogValue wanted, ValueOf(name, value));
    OAR_RETURN_IF_ERROR(SetLog(name, wanted));
  }
  for (const LogSetting& setting : LogSettings()) {
    Fill(setting.value, &(*answer->mutable_settings())[std::string(setting.name)]);
  }
  return absl::OkStatus();
}

}  // namespace oarlock

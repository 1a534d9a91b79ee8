#include "server/grpc/messages.h"

#include "base/status.h"
#include "server/grpc/configuration_message.h"
#include "server/grpc/message_version.h"
#include "server/grpc/statistics_message.h"

namespace oarlock {
namespace {

void Fill(const Port& port, inference::ModelMetadataResponse::TensorMetadata* to) {
  to->set_name(port.name);
  to->set_datatype(std::string(NameOf(port.dtype)));
  for (const int64_t dim : port.shape.dims()) to->add_shape(dim);
  if (!port.rank_known) to->add_shape(kDynamic);
}

// May it be asked, with these parameters?
template <typename Question>
absl::Status CheckControl(const Service& service, const Question& question,
                          absl::Status (*check)(std::string_view parameter)) {
  OAR_RETURN_IF_ERROR(service.CheckModelControl());
  for (const auto& [name, value] : question.parameters()) OAR_RETURN_IF_ERROR(check(name));
  return Service::CheckRepository(question.repository_name());
}

}  // namespace

absl::Status AnswerMessage(Service& service, const inference::ServerLiveRequest&,
                           inference::ServerLiveResponse* answer) {
  answer->set_live(service.is_live());
  return absl::OkStatus();
}

absl::Status AnswerMessage(Service& service, const inference::ServerReadyRequest&,
                           inference::ServerReadyResponse* answer) {
  answer->set_ready(service.is_ready());
  return absl::OkStatus();
}

absl::Status AnswerMessage(Service& service, const inference::ModelReadyRequest& question,
                           inference::ModelReadyResponse* answer) {
  OAR_ASSIGN_OR_RETURN(const auto version, ParseMessageVersion(question.version()));
  // An unknown model is not ready, rather than an error.
  answer->set_ready(service.is_ready() && service.Metadata(question.name(), version).ok());
  return absl::OkStatus();
}

absl::Status AnswerMessage(Service& service, const inference::ServerMetadataRequest&,
                           inference::ServerMetadataResponse* answer) {
  answer->set_name("oarlock");
  answer->set_version(OARLOCK_VERSION);
  for (const std::string_view extension : service.Extensions()) answer->add_extensions(std::string(extension));
  return absl::OkStatus();
}

absl::Status AnswerMessage(Service& service, const inference::ModelMetadataRequest& question,
                           inference::ModelMetadataResponse* answer) {
  OAR_ASSIGN_OR_RETURN(const auto version, ParseMessageVersion(question.version()));
  OAR_ASSIGN_OR_RETURN(const ModelMetadata metadata, service.Metadata(question.name(), version));
  answer->set_name(metadata.model->name);
  for (const int64_t number : metadata.versions) answer->add_versions(fmt::format("{}", number));
  answer->set_platform(metadata.platform);
  for (const Port& port : metadata.model->inputs) Fill(port, answer->add_inputs());
  for (const PublicOutput& output : metadata.model->outputs) Fill(output.port, answer->add_outputs());
  return absl::OkStatus();
}

absl::Status AnswerMessage(Service& service, const inference::ModelStatisticsRequest& question,
                           inference::ModelStatisticsResponse* answer) {
  OAR_ASSIGN_OR_RETURN(const auto version, ParseMessageVersion(question.version()));
  OAR_ASSIGN_OR_RETURN(const auto models, service.WithStatistics(question.name(), version));
  FillStatistics(models, version, answer);
  return absl::OkStatus();
}

absl::Status AnswerMessage(Service& service, const inference::ModelConfigRequest& question,
                           inference::ModelConfigResponse* answer) {
  OAR_ASSIGN_OR_RETURN(const auto version, ParseMessageVersion(question.version()));
  OAR_ASSIGN_OR_RETURN(const ModelMetadata metadata, service.Metadata(question.name(), version));
  FillConfiguration(ModelConfigurationOf(metadata), answer->mutable_config());
  return absl::OkStatus();
}

absl::Status AnswerMessage(Service& service, const inference::RepositoryIndexRequest& question,
                           inference::RepositoryIndexResponse* answer) {
  OAR_ASSIGN_OR_RETURN(const auto states, service.Index(question.repository_name(), question.ready()));
  for (const VersionState& state : states) {
    auto* const filled = answer->add_models();
    filled->set_name(state.model);
    if (state.version) filled->set_version(fmt::format("{}", *state.version));
    filled->set_state(std::string(NameOf(state.state)));
    filled->set_reason(state.reason);
  }
  return absl::OkStatus();
}

void AnswerLater(Service& service, const inference::RepositoryModelLoadRequest& question, MessageDone done) {
  absl::Status checked = CheckControl(service, question, &CheckLoadParameter);
  if (!checked.ok()) return std::move(done)(std::move(checked));
  service.LoadModel(question.model_name(), std::move(done));
}

void AnswerLater(Service& service, const inference::RepositoryModelUnloadRequest& question, MessageDone done) {
  absl::Status checked = CheckControl(service, question, &CheckUnloadParameter);
  if (!checked.ok()) return std::move(done)(std::move(checked));
  service.UnloadModel(question.model_name(), std::move(done));
}

}  // namespace oarlock

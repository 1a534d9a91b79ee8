// The answers to the questions that are not inference, in the generated messages: one overload for each method.
// Thread-safe. An error leaves `answer` as it may be.
#ifndef OARLOCK_SERVER_GRPC_MESSAGES_H_
#define OARLOCK_SERVER_GRPC_MESSAGES_H_

#include "absl/functional/any_invocable.h"
#include "base/status.h"
#include "oarlock/inference.pb.h"
#include "server/protocol/service.h"

namespace oarlock {

absl::Status AnswerMessage(Service& service, const inference::ServerLiveRequest& question,
                           inference::ServerLiveResponse* answer);
absl::Status AnswerMessage(Service& service, const inference::ServerReadyRequest& question,
                           inference::ServerReadyResponse* answer);
absl::Status AnswerMessage(Service& service, const inference::ModelReadyRequest& question,
                           inference::ModelReadyResponse* answer);
absl::Status AnswerMessage(Service& service, const inference::ServerMetadataRequest& question,
                           inference::ServerMetadataResponse* answer);
absl::Status AnswerMessage(Service& service, const inference::ModelMetadataRequest& question,
                           inference::ModelMetadataResponse* answer);
absl::Status AnswerMessage(Service& service, const inference::ModelStatisticsRequest& question,
                           inference::ModelStatisticsResponse* answer);

absl::Status AnswerMessage(Service& service, const inference::ModelConfigRequest& question,
                           inference::ModelConfigResponse* answer);
absl::Status AnswerMessage(Service& service, const inference::RepositoryIndexRequest& question,
                           inference::RepositoryIndexResponse* answer);
absl::Status AnswerMessage(Service& service, const inference::SystemSharedMemoryStatusRequest& question,
                           inference::SystemSharedMemoryStatusResponse* answer);
absl::Status AnswerMessage(Service& service, const inference::SystemSharedMemoryRegisterRequest& question,
                           inference::SystemSharedMemoryRegisterResponse* answer);
absl::Status AnswerMessage(Service& service, const inference::SystemSharedMemoryUnregisterRequest& question,
                           inference::SystemSharedMemoryUnregisterResponse* answer);
absl::Status AnswerMessage(Service& service, const inference::CudaSharedMemoryStatusRequest& question,
                           inference::CudaSharedMemoryStatusResponse* answer);
absl::Status AnswerMessage(Service& service, const inference::CudaSharedMemoryRegisterRequest& question,
                           inference::CudaSharedMemoryRegisterResponse* answer);
absl::Status AnswerMessage(Service& service, const inference::CudaSharedMemoryUnregisterRequest& question,
                           inference::CudaSharedMemoryUnregisterResponse* answer);
absl::Status AnswerMessage(Service& service, const inference::TraceSettingRequest& question,
                           inference::TraceSettingResponse* answer);
absl::Status AnswerMessage(Service& service, const inference::LogSettingsRequest& question,
                           inference::LogSettingsResponse* answer);

// What takes its time: `done` is called exactly once, on this thread or another.
using MessageDone = absl::AnyInvocable<void(absl::Status) &&>;
void AnswerLater(Service& service, const inference::RepositoryModelLoadRequest& question, MessageDone done);
void AnswerLater(Service& service, const inference::RepositoryModelUnloadRequest& question, MessageDone done);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_MESSAGES_H_

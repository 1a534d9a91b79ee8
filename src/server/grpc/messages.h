// The answers to the questions that are not inference, in the generated messages: one overload for each method.
// Thread-safe. An error leaves `answer` as it may be.
#ifndef OARLOCK_SERVER_GRPC_MESSAGES_H_
#define OARLOCK_SERVER_GRPC_MESSAGES_H_

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

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_MESSAGES_H_

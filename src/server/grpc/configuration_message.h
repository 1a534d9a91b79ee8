// A model's configuration in Triton's message. Pure; any thread.
#ifndef OARLOCK_SERVER_GRPC_CONFIGURATION_MESSAGE_H_
#define OARLOCK_SERVER_GRPC_CONFIGURATION_MESSAGE_H_

#include "oarlock/inference.pb.h"
#include "server/protocol/model_configuration.h"

namespace oarlock {

void FillConfiguration(const ModelConfiguration& configuration, inference::ModelConfig* to);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_CONFIGURATION_MESSAGE_H_

// The answer of GET /v2/models/M/config. Pure; any thread.
#ifndef OARLOCK_SERVER_HTTP_MODEL_CONFIGURATION_JSON_H_
#define OARLOCK_SERVER_HTTP_MODEL_CONFIGURATION_JSON_H_

#include <string>

#include "server/protocol/model_configuration.h"

namespace oarlock {

std::string ModelConfigurationJson(const ModelConfiguration& configuration);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_MODEL_CONFIGURATION_JSON_H_

// The JSON of the questions that are not inference: server and model metadata. Pure; any thread.
#ifndef OARLOCK_SERVER_HTTP_METADATA_H_
#define OARLOCK_SERVER_HTTP_METADATA_H_

#include <string>
#include <string_view>
#include <vector>

#include "server/protocol/service.h"

namespace oarlock {

std::string ServerMetadataJson(const std::vector<std::string_view>& extensions);
std::string ModelMetadataJson(const ModelMetadata& metadata);
std::string ModelReadyJson(std::string_view name, bool ready);
std::string ModelListJson(const std::vector<std::string>& names);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_METADATA_H_

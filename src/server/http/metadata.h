// The JSON of the questions that are not inference: server and model metadata. Pure; any thread.
#ifndef OARLOCK_SERVER_HTTP_METADATA_H_
#define OARLOCK_SERVER_HTTP_METADATA_H_

#include <string>
#include <vector>

#include "runtime/loaded_model.h"

namespace oarlock {

std::string ServerMetadataJson();
// `versions` are those that are served.
std::string ModelMetadataJson(const LoadedModel& model, const std::vector<int64_t>& versions);
std::string ModelReadyJson(std::string_view name, bool ready);
std::string ModelListJson(const std::vector<std::string>& names);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_METADATA_H_

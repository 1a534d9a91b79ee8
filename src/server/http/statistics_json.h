// What models did, as JSON: Triton's statistics, and ours below `oarlock`. Pure; any thread.
#ifndef OARLOCK_SERVER_HTTP_STATISTICS_JSON_H_
#define OARLOCK_SERVER_HTTP_STATISTICS_JSON_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/served_model.h"

namespace oarlock {

// Every version of these models, or one.
std::string StatisticsJson(const std::vector<std::shared_ptr<const ServedModel>>& models,
                           std::optional<uint64_t> version);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_STATISTICS_JSON_H_

// What models did, in Triton's message. Pure; any thread.
#ifndef OARLOCK_SERVER_GRPC_STATISTICS_MESSAGE_H_
#define OARLOCK_SERVER_GRPC_STATISTICS_MESSAGE_H_

#include <memory>
#include <optional>
#include <vector>

#include "oarlock/inference.pb.h"
#include "runtime/served_model.h"

namespace oarlock {

// Every version of these models, or one.
void FillStatistics(const std::vector<std::shared_ptr<const ServedModel>>& models, std::optional<uint64_t> version,
                    inference::ModelStatisticsResponse* to);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_STATISTICS_MESSAGE_H_

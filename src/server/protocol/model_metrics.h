// What each version that is served did, as metrics: the part of metrics.h that has the labels `model` and `version`.
//   WriteModelMetrics(repository.Models(), &text);
// Thread rule: reads what may change meanwhile; any thread. Ownership: none.
#ifndef OARLOCK_SERVER_PROTOCOL_MODEL_METRICS_H_
#define OARLOCK_SERVER_PROTOCOL_MODEL_METRICS_H_

#include <memory>
#include <vector>

#include "runtime/served_model.h"
#include "server/protocol/prometheus_text.h"

namespace oarlock {

void WriteModelMetrics(const std::vector<std::shared_ptr<const ServedModel>>& models, PrometheusText* text);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_MODEL_METRICS_H_

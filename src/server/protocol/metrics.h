// What a server did, as metrics: Triton's, by their names, and ours (oarlock_*). Counters begin at 0 with each load of
// a version.
//
//   answer = MetricsText(repository.Models(), figures);   // of the type PrometheusText::kContentType
//
// Thread rule: a pure function of what it reads; any thread. Ownership: none.
#ifndef OARLOCK_SERVER_PROTOCOL_METRICS_H_
#define OARLOCK_SERVER_PROTOCOL_METRICS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/process.h"
#include "runtime/served_model.h"

namespace oarlock {

// Of the server as a whole: what its transports and its process count.
struct ServerFigures {
  int64_t http_connections = 0;          // open now
  std::map<int, int64_t> http_requests;  // answers, by status
  std::map<int, int64_t> grpc_requests;  // answers, by code
  int64_t log_records_written = 0;       // of the access log
  int64_t log_records_dropped = 0;
  ProcessFigures process;
};

std::string MetricsText(const std::vector<std::shared_ptr<const ServedModel>>& models, const ServerFigures& figures);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_METRICS_H_

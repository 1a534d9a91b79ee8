#include "server/protocol/metrics.h"

#include <fmt/format.h>

#include "base/codes.h"
#include "server/protocol/model_metrics.h"

namespace oarlock {
namespace {

void WriteServer(const ServerFigures& figures, PrometheusText* text) {
  text->Family("oarlock_build_info", "gauge", "1; the version of the program.");
  text->Sample({{"version", OARLOCK_VERSION}}, int64_t{1});
  text->Family("oarlock_http_connections", "gauge", "Open HTTP connections.");
  text->Sample({}, figures.http_connections);
  text->Family("oarlock_http_requests_total", "counter", "Answers to HTTP requests, by status.");
  for (const auto& [status, count] : figures.http_requests) {
    text->Sample({{"code", fmt::format("{}", status)}}, count);
  }
  text->Family("oarlock_grpc_requests_total", "counter",
               "Answers to gRPC calls and to the messages of streams, by code.");
  for (const auto& [code, count] : figures.grpc_requests) {
    text->Sample({{"code", RowOf(CodeFromNumber(code)).name}}, count);
  }
  text->Family("oarlock_access_log_records_total", "counter", "Calls that the access log has.");
  text->Sample({}, figures.log_records_written);
  text->Family("oarlock_access_log_dropped_total", "counter",
               "Calls that it has not: there was no room, or no writing.");
  text->Sample({}, figures.log_records_dropped);
  const ProcessFigures& process = figures.process;
  text->Family("process_resident_memory_bytes", "gauge", "Memory of the process that is resident.");
  text->Sample({}, process.resident_bytes);
  text->Family("process_cpu_seconds_total", "counter", "Time that its threads have computed.");
  text->Sample({}, process.cpu_seconds);
  text->Family("process_open_fds", "gauge", "Its open files and sockets.");
  text->Sample({}, process.open_files);
  text->Family("process_max_fds", "gauge", "How many it may open; 0 = any number.");
  text->Sample({}, process.open_files_max);
  text->Family("process_start_time_seconds", "gauge", "When it began, since 1970.");
  text->Sample({}, process.start_seconds);
}

}  // namespace

std::string MetricsText(const std::vector<std::shared_ptr<const ServedModel>>& models, const ServerFigures& figures) {
  PrometheusText text;
  WriteModelMetrics(models, &text);
  WriteServer(figures, &text);
  return std::move(text).Take();
}

}  // namespace oarlock

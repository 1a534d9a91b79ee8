#include "server/http/observed_call.h"

#include "base/codes.h"
#include "base/status.h"
#include "server/protocol/access_group.h"
#include "server/protocol/trace_context.h"

namespace oarlock {
namespace {

// Verbs are short; what is longer is none.
constexpr size_t kVerbBytesMax = 16;
constexpr size_t kModelBytesMax = 512;

void WriteTo(AccessLog* log, CallRecord record, TimePoint began, const HttpAnswer& answer) {
  record.bytes_out = record.method == "HEAD" ? 0 : static_cast<int64_t>(answer.size_bytes());
  record.total = std::chrono::steady_clock::now() - began;
  record.http_status = answer.status;
  // "No" to a question about health is an answer like any other; over HTTP it has the status of an error.
  record.code = answer.code == absl::StatusCode::kOk ? CodeFromHttp(answer.status) : answer.code;
  log->Write(std::move(record));
}

}  // namespace

std::shared_ptr<CallRecord> RecordOf(const HttpCall& call, const absl::StatusOr<Route>& route) {
  auto record = std::make_shared<CallRecord>();
  record->time = std::chrono::system_clock::now();
  record->request_id = call.request_id;
  record->ce_id = call.ce_id;
  record->protocol = "http";
  record->method = Printable(call.method, kVerbBytesMax);
  record->route = OperationOf(call.method, call.target).name;
  if (route.ok()) {
    record->model = Printable(route->model, kModelBytesMax);
    record->version = static_cast<int64_t>(route->version.value_or(0));
  }
  record->client = call.client;
  record->bytes_in = static_cast<int64_t>(call.body.size_bytes());
  return record;
}

absl::AnyInvocable<void(HttpAnswer) &&> Observed(const HttpCall& call, std::shared_ptr<CallRecord> record,
                                                 AccessLog* log, absl::AnyInvocable<void(HttpAnswer) &&> done) {
  const ContentCoding coding = call.answer_coding;
  std::string traceparent;
  if (call.traceparent || record != nullptr) {
    const TraceContext span = SpanOf(call.traceparent.value_or(""));
    traceparent = span.Text();
    if (record != nullptr) record->trace_id = span.trace_id;
  }
  if (coding == ContentCoding::kIdentity && traceparent.empty()) return done;
  const TimePoint began = std::chrono::steady_clock::now();
  return [coding, began, log, traceparent = std::move(traceparent), record = std::move(record),
          done = std::move(done)](HttpAnswer answer) mutable {
    if (!traceparent.empty()) answer.headers.emplace_back("traceparent", std::move(traceparent));
    // Where the answer is made: that of an inference is compressed on the predictor's thread.
    answer.Encode(coding);
    if (record != nullptr) WriteTo(log, *std::move(record), began, answer);
    std::move(done)(std::move(answer));
  };
}

}  // namespace oarlock

#include "server/protocol/call_record.h"

#include <fmt/format.h>

#include <ctime>

#include "base/codes.h"
#include "base/utf8.h"
#include "tensor/json_text.h"

namespace oarlock {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

// RFC 3339, in UTC: "2026-01-31T23:59:59.123456Z".
std::string TimeText(std::chrono::system_clock::time_point time) {
  const int64_t us = duration_cast<microseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = us / 1'000'000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec, us % 1'000'000);
}

void TextField(std::string_view key, std::string_view value, JsonText* json) {
  json->Key(key);
  value.empty() ? json->Null() : json->String(ValidUtf8(value));
}

void NumberField(std::string_view key, int64_t value, JsonText* json) {
  json->Key(key);
  value == 0 ? json->Null() : json->Integer(value);
}

void TimeField(std::string_view key, std::chrono::nanoseconds value, JsonText* json) {
  json->Field(key, int64_t{duration_cast<microseconds>(value).count()});
}

void Finish(JsonText* json, std::string* lines) {
  json->EndObject();
  *lines += json->text();
  *lines += '\n';
}

}  // namespace

void CallRecord::Answers(const LoadedModel& answering) {
  model = answering.name;
  version = answering.version;
  model_hash = answering.identity;
}

void CallRecord::Took(const RequestTimes& times) {
  queue = times.queue;
  compute = times.compute;
}

void AppendLine(const CallRecord& record, std::string_view hardware_fingerprint, std::string* lines) {
  JsonText json;
  json.StartObject();
  json.Field("time", TimeText(record.time));
  TextField("trace_id", record.trace_id, &json);
  TextField("request_id", record.request_id, &json);
  TextField("ce_id", record.ce_id, &json);
  TextField("protocol", record.protocol, &json);
  TextField("method", record.method, &json);
  TextField("route", record.route, &json);
  TextField("model", record.model, &json);
  NumberField("version", record.version, &json);
  TextField("model_hash", record.model_hash, &json);
  TextField("hardware_fingerprint", hardware_fingerprint, &json);
  TextField("client", record.client, &json);
  json.Field("bytes_in", record.bytes_in);
  json.Field("bytes_out", record.bytes_out);
  TimeField("queue_us", record.queue, &json);
  TimeField("compute_us", record.compute, &json);
  TimeField("total_us", record.total, &json);
  json.Field("code", RowOf(record.code).name);
  NumberField("http_status", record.http_status, &json);
  Finish(&json, lines);
}

void AppendDropped(std::chrono::system_clock::time_point time, int64_t count, std::string* lines) {
  JsonText json;
  json.StartObject();
  json.Field("time", TimeText(time));
  json.Field("dropped", count);
  Finish(&json, lines);
}

}  // namespace oarlock

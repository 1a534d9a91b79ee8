// One call, as it is logged: who asked what, when, what answered, how long it took. A value. No keys and no data of
// tensors go into it.
//
//   CallRecord record;
//   record.method = "POST";
//   ...
//   log->Write(std::move(record));
//
// Ownership: owns its texts; `route` and `protocol` are constants.
#ifndef OARLOCK_SERVER_PROTOCOL_CALL_RECORD_H_
#define OARLOCK_SERVER_PROTOCOL_CALL_RECORD_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "runtime/loaded_model.h"

namespace oarlock {

struct CallRecord {
  // What is empty or 0 is not known, or there is none; it is null in the log.
  std::chrono::system_clock::time_point time;  // when the call was there
  std::string trace_id;                        // trace_context.h
  std::string request_id;                      // x-request-id
  std::string ce_id;                           // Ce-Id
  std::string_view protocol;                   // "http", "grpc"
  std::string method;                          // "POST", "ModelInfer"
  std::string_view route;                      // "model_infer"
  std::string model;                           // as it was asked for
  int64_t version = 0;                         // that answered, or that was asked for
  std::string model_hash;                      // the identity of that version
  std::string client;                          // "192.0.2.7:41234"
  int64_t bytes_in = 0;                        // of the body or message, not compressed
  int64_t bytes_out = 0;                       // as it is sent
  std::chrono::nanoseconds queue{0};
  std::chrono::nanoseconds compute{0};
  std::chrono::nanoseconds total{0};  // until the answer was made; how long it took to be sent is not in it
  absl::StatusCode code = absl::StatusCode::kOk;
  int http_status = 0;

  // The version that answers, and what of its time the request took.
  void Answers(const LoadedModel& answering);
  void Took(const RequestTimes& times);
};

// The record as a line of JSON, with its end, behind what `*lines` holds.
void AppendLine(const CallRecord& record, std::string_view hardware_fingerprint, std::string* lines);
// The line that tells of records which are not there.
void AppendDropped(std::chrono::system_clock::time_point time, int64_t count, std::string* lines);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_CALL_RECORD_H_

// The access log: a line of JSON for each call, written by a thread of its own. Who hands in a record waits for neither
// a disk nor a reader: records that find no room, or cannot be written, are dropped and counted, in the log too.
//
//   OAR_ASSIGN_OR_RETURN(const auto log, AccessLog::Open("access.jsonl", limits.access_log_records_max, log_fn));
//   log->Write(std::move(record));
//   log->Reopen();   // the file was moved away; what has come until now goes to the old one
//
// Thread rule: thread-safe; not to be destroyed from within its own log function. Ownership: the end writes what still
// waits, for a second at most.
#ifndef OARLOCK_SERVER_PROTOCOL_ACCESS_LOG_H_
#define OARLOCK_SERVER_PROTOCOL_ACCESS_LOG_H_

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "base/log.h"
#include "server/protocol/call_record.h"
#include "server/protocol/log_file.h"

namespace oarlock {

class AccessLog {
 public:
  // `path` as LogFile takes it. At most `records_max` wait. `log` is told of errors, on the thread that writes.
  static absl::StatusOr<std::unique_ptr<AccessLog>> Open(std::filesystem::path path, int64_t records_max, LogFn log);
  ~AccessLog();
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  void Write(CallRecord record);
  // Soon. If the path cannot be opened, the old file goes on.
  void Reopen();

  int64_t written_count() const { return written_; }
  int64_t dropped_count() const { return dropped_; }
  bool IsOwnThread() const { return std::this_thread::get_id() == thread_.get_id(); }

 private:
  AccessLog(std::filesystem::path path, LogFile file, int64_t records_max, LogFn log);
  void Run();
  void WriteRecords(const std::vector<CallRecord>& records);
  void WriteLines(std::string_view lines, int64_t record_count);
  // False: it is given up.
  bool AppendAll(std::string_view* rest);
  void ReportDropped();
  void OpenAnew();

  const std::filesystem::path path_;
  const size_t records_max_;
  const LogFn log_;
  const std::string hardware_fingerprint_;
  std::atomic<int64_t> written_{0};
  std::atomic<int64_t> dropped_{0};
  std::atomic<bool> stopped_{false};

  // The writing thread's own.
  LogFile file_;
  std::chrono::milliseconds patience_{1000};  // with a reader, from the stop on
  int64_t reported_ = 0;                      // dropped records that the log tells of
  bool is_failing_ = false;                   // since the last line that was written; told once

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<CallRecord> waiting_;  // this and below guarded by mutex_
  size_t at_work_ = 0;               // records that are being written
  bool reopen_ = false;
  std::thread thread_;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_ACCESS_LOG_H_

// A file, a pipe or standard output that lines are appended to. What cannot be written is the caller's to give up:
// nothing here waits without a bound, raises a signal or ends the process.
//
//   OAR_ASSIGN_OR_RETURN(LogFile file, LogFile::Open("access.jsonl"));
//   std::string_view rest = lines;                                    // whole lines
//   if (!file.Append(&rest, std::chrono::seconds(1)).ok()) file.GiveUp();   // what is in `rest` is lost
//
// Thread rule: one thread at a time, with SIGPIPE ignored or blocked for good. Ownership: closes what it has opened.
// Movable.
#ifndef OARLOCK_SERVER_PROTOCOL_LOG_FILE_H_
#define OARLOCK_SERVER_PROTOCOL_LOG_FILE_H_

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/descriptor.h"

namespace oarlock {

class LogFile {
 public:
  // "-" is standard output. A file that there is not is made, for this user alone; a pipe needs its reader.
  static absl::StatusOr<LogFile> Open(const std::filesystem::path& path);

  // Takes off `*rest` what has been written. DEADLINE_EXCEEDED if nobody took more of it for `wait_max`: it can be
  // tried again. Another error: the disk is full, the pipe has no reader.
  absl::Status Append(std::string_view* rest, std::chrono::milliseconds wait_max);
  // `rest` is not tried again. If a line was cut off, it ends there, before the next one.
  void GiveUp() { is_torn_ = in_line_; }

 private:
  absl::Status Write(std::string_view* rest, std::chrono::milliseconds wait_max) const;

  Descriptor file_;
  size_t piece_bytes_ = 0;  // that can be written without waiting, once poll() says that it can be written to
  bool in_line_ = false;    // the last byte written was not the end of a line
  bool is_torn_ = false;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_LOG_FILE_H_

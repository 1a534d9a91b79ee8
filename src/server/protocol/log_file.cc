#include "server/protocol/log_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <climits>

#include "base/status.h"
#include "model/models_config.h"

namespace oarlock {
namespace {

constexpr int kOpenForAppending = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
constexpr size_t kFilePieceBytes = 256 * 1024;

}  // namespace

absl::StatusOr<LogFile> LogFile::Open(const std::filesystem::path& path) {
  const bool standard = path == kStandardOutput;
  LogFile log;
  // Standard output is shared with others, who would not expect it not to block: so it is asked before each piece.
  log.file_ = Descriptor(standard ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                                  : ::open(path.c_str(), kOpenForAppending, S_IRUSR | S_IWUSR));
  const std::string name = standard ? "standard output" : fmt::format("'{}'", path.string());
  struct stat stat {};
  if (!log.file_.is_open() || ::fstat(log.file_.get(), &stat) != 0) {
    return ErrnoStatus(errno, fmt::format("cannot append to {}", name));
  }
  log.piece_bytes_ = S_ISREG(stat.st_mode) ? kFilePieceBytes : PIPE_BUF;
  return log;
}

absl::Status LogFile::Write(std::string_view* rest, std::chrono::milliseconds wait_max) const {
  while (!rest->empty()) {
    pollfd asked{file_.get(), POLLOUT, 0};
    const int ready = ::poll(&asked, 1, static_cast<int>(wait_max.count()));
    if (ready == 0) return DeadlineExceeded("nobody reads it");
    const ssize_t written = ready < 0 ? -1 : ::write(file_.get(), rest->data(), std::min(rest->size(), piece_bytes_));
    if (written >= 0) {
      rest->remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      return ErrnoStatus(errno, "cannot append");
    }
  }
  return absl::OkStatus();
}

absl::Status LogFile::Append(std::string_view* rest, std::chrono::milliseconds wait_max) {
  if (is_torn_) {
    std::string_view end = "\n";
    OAR_RETURN_IF_ERROR(Write(&end, wait_max));
    is_torn_ = in_line_ = false;
  }
  const std::string_view all = *rest;
  const absl::Status status = Write(rest, wait_max);
  if (const size_t written = all.size() - rest->size(); written > 0) in_line_ = all[written - 1] != '\n';
  return status;
}

}  // namespace oarlock

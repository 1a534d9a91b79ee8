#include "server/protocol/access_log.h"

#include <algorithm>

#include "base/machine.h"
#include "base/signals.h"
#include "base/status.h"

namespace oarlock {
namespace {

// Records are gathered for so long, so that not each of them wakes the thread.
constexpr std::chrono::milliseconds kGather(50);
// How often a pipe that nobody reads is asked again.
constexpr std::chrono::milliseconds kAsk(100);
constexpr size_t kPieceBytes = 64 * 1024;

}  // namespace

absl::StatusOr<std::unique_ptr<AccessLog>> AccessLog::Open(std::filesystem::path path, int64_t records_max, LogFn log) {
  OAR_ASSIGN_OR_RETURN(LogFile file, LogFile::Open(path));
  return std::unique_ptr<AccessLog>(new AccessLog(std::move(path), std::move(file), records_max, std::move(log)));
}

AccessLog::AccessLog(std::filesystem::path path, LogFile file, int64_t records_max, LogFn log)
    : path_(std::move(path)),
      records_max_(static_cast<size_t>(records_max)),
      log_(std::move(log)),
      hardware_fingerprint_(ThisMachine().fingerprint),
      file_(std::move(file)) {
  const BlockSignals block;
  thread_ = std::thread([this] { Run(); });
}

AccessLog::~AccessLog() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void AccessLog::Write(CallRecord record) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() + at_work_ >= records_max_) {
      ++dropped_;
      return;
    }
    waiting_.push_back(std::move(record));
    wake = waiting_.size() == 1 || waiting_.size() == records_max_ / 2;
  }
  if (wake) changed_.notify_one();
}

void AccessLog::Reopen() {
  {
    const std::lock_guard lock(mutex_);
    reopen_ = true;
  }
  changed_.notify_one();
}

void AccessLog::Run() {
  std::unique_lock lock(mutex_);
  for (bool last = false; !last;) {
    const auto is_told = [this] { return stopped_ || reopen_; };
    changed_.wait(lock, [&] { return is_told() || !waiting_.empty(); });
    changed_.wait_for(lock, kGather, [&] { return is_told() || waiting_.size() >= records_max_ / 2; });
    last = stopped_;
    const bool reopen = std::exchange(reopen_, false);
    std::vector<CallRecord> records;
    records.swap(waiting_);
    at_work_ = records.size();
    lock.unlock();
    WriteRecords(records);
    records.clear();
    if (reopen) OpenAnew();
    lock.lock();
    at_work_ = 0;
  }
}

void AccessLog::WriteRecords(const std::vector<CallRecord>& records) {
  std::string lines;
  int64_t count = 0;
  for (size_t i = 0; i < records.size(); ++i) {
    AppendLine(records[i], hardware_fingerprint_, &lines);
    ++count;
    if (lines.size() < kPieceBytes && i + 1 < records.size()) continue;
    ReportDropped();
    WriteLines(lines, count);
    lines.clear();
    count = 0;
  }
  if (stopped_) ReportDropped();
}

void AccessLog::WriteLines(std::string_view lines, int64_t record_count) {
  std::string_view rest = lines;
  (void)AppendAll(&rest);
  const int64_t lost = std::count(rest.begin(), rest.end(), '\n');
  written_ += record_count - lost;
  dropped_ += lost;
}

bool AccessLog::AppendAll(std::string_view* rest) {
  absl::Status status;
  do {
    status = file_.Append(rest, patience_ > kAsk ? kAsk : patience_);
    if (stopped_ && absl::IsDeadlineExceeded(status)) patience_ -= std::min(patience_, kAsk);
  } while (absl::IsDeadlineExceeded(status) && patience_.count() > 0);
  if (status.ok()) {
    is_failing_ = false;
    return true;
  }
  file_.GiveUp();
  if (!std::exchange(is_failing_, true)) {
    log_(LogLevel::kError, fmt::format("the access log '{}' loses records: {}", path_.string(), MessageOf(status)));
  }
  return false;
}

void AccessLog::ReportDropped() {
  const int64_t dropped = dropped_;
  if (dropped == reported_) return;
  std::string line;
  AppendDropped(std::chrono::system_clock::now(), dropped - reported_, &line);
  std::string_view rest = line;
  if (AppendAll(&rest)) reported_ = dropped;
}

void AccessLog::OpenAnew() {
  auto file = LogFile::Open(path_);
  if (file.ok()) {
    file_ = *std::move(file);
    return;
  }
  log_(LogLevel::kError,
       fmt::format("the access log is not opened anew, and goes on as it was: {}", MessageOf(file.status())));
}

}  // namespace oarlock

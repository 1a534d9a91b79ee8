#include "bench/program_target.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "base/status.h"

extern char** environ;

namespace oarlock {
namespace {

constexpr int kReadyTimeout_ms = 120'000;
constexpr int kBlockTimeout_ms = 600'000;

}  // namespace

absl::StatusOr<std::unique_ptr<ProgramTarget>> ProgramTarget::Start(std::string command) {
  std::unique_ptr<ProgramTarget> target(new ProgramTarget(std::move(command)));
  OAR_RETURN_IF_ERROR(target->Spawn());
  OAR_ASSIGN_OR_RETURN(const std::string line, target->ReadLine(kReadyTimeout_ms));
  if (line != "ready") {
    return FailedPrecondition("'{}' said '{}'; a baseline says 'ready' first", target->command_, Printable(line));
  }
  return target;
}

absl::Status ProgramTarget::Spawn() {
  std::istringstream stream(command_);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  if (words.empty()) return InvalidArgument("a program is needed after 'exec:'");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int in[2];
  int out[2];
  if (::pipe2(in, O_CLOEXEC) != 0) return ErrnoStatus(errno, "cannot make a pipe");
  if (::pipe2(out, O_CLOEXEC) != 0) return ErrnoStatus(errno, "cannot make a pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  const int error = ::posix_spawnp(&process_, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  to_ = in[1];
  from_ = out[0];
  if (error != 0) {
    process_ = -1;
    return ErrnoStatus(error, fmt::format("cannot start '{}'", words[0]));
  }
  return absl::OkStatus();
}

ProgramTarget::~ProgramTarget() {
  if (to_ >= 0) ::close(to_);
  if (from_ >= 0) ::close(from_);
  if (process_ < 0) return;
  for (int waited_ms = 0; waited_ms < 2000; waited_ms += 10) {
    if (::waitpid(process_, nullptr, WNOHANG) == process_) return;
    ::usleep(10'000);
  }
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

absl::StatusOr<std::string> ProgramTarget::ReadLine(int timeout_ms) {
  while (true) {
    if (const size_t end = rest_.find('\n'); end != std::string::npos) {
      std::string line = rest_.substr(0, end);
      rest_.erase(0, end + 1);
      return line;
    }
    pollfd waiting{from_, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, timeout_ms);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return DeadlineExceeded("'{}' did not answer within {} ms", command_, timeout_ms);
    char piece[4096];
    const ssize_t size = ::read(from_, piece, sizeof piece);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return FailedPrecondition("'{}' ended; what it printed on standard error says why", command_);
    rest_.append(piece, static_cast<size_t>(size));
  }
}

absl::StatusOr<int64_t> ProgramTarget::Call(int64_t count) {
  const std::string line = fmt::format("{}\n", count);
  if (::write(to_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    return ErrnoStatus(errno, fmt::format("cannot tell '{}' what to do", command_));
  }
  OAR_ASSIGN_OR_RETURN(const std::string answer, ReadLine(kBlockTimeout_ms));
  int64_t elapsed_ns = 0;
  const auto [end, error] = std::from_chars(answer.data(), answer.data() + answer.size(), elapsed_ns);
  if (error == std::errc() && end == answer.data() + answer.size() && elapsed_ns >= 0) return elapsed_ns;
  return FailedPrecondition("'{}' answered '{}'; a number of nanoseconds was expected", command_, Printable(answer));
}

absl::StatusOr<BlockResult> ProgramTarget::Run(const Load& load) {
  if (load.arrivals != Arrivals::kClosed || load.concurrency != 1) {
    return InvalidArgument("'{}' makes one call after the other: it can be compared with --concurrency 1 and no --rate",
                           command_);
  }
  int64_t count = load.calls;
  if (count == 0) {
    if (call_ns_ == 0) {
      OAR_ASSIGN_OR_RETURN(const int64_t one_ns, Call(1));
      OAR_ASSIGN_OR_RETURN(const int64_t more_ns, Call(10));
      call_ns_ = static_cast<double>(std::max<int64_t>(1, std::min(one_ns, more_ns / 10)));
    }
    count = std::max<int64_t>(1, static_cast<int64_t>(static_cast<double>(load.duration.count()) / call_ns_));
  }
  OAR_ASSIGN_OR_RETURN(const int64_t elapsed_ns, Call(count));
  call_ns_ = std::max(1.0, static_cast<double>(elapsed_ns) / static_cast<double>(count));
  BlockResult result;
  result.requests = count;
  result.elapsed = std::chrono::nanoseconds(elapsed_ns);
  return result;
}

}  // namespace oarlock

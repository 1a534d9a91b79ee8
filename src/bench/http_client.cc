#include "bench/http_client.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/status.h"
#include "bench/pacing.h"

namespace oarlock {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr size_t kHeadBytesMax = 16 * 1024;
constexpr size_t kBodyBytesMax = size_t{1} << 30;
constexpr std::string_view kBlank = "\r\n\r\n";

std::string HeaderIn(std::string_view head, std::string_view name) {
  for (size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
    const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    const size_t colon = line.find(':');
    if (colon != name.size()) continue;
    const bool same = std::equal(name.begin(), name.end(), line.begin(), [](char a, char b) {
      return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
    });
    if (!same) continue;
    std::string_view value = line.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    return std::string(value);
  }
  return {};
}

// The number after "HTTP/1.1 ".
int StatusIn(std::string_view head) {
  int status = 0;
  if (head.size() >= 12) std::from_chars(head.data() + 9, head.data() + 12, status);
  return status;
}

absl::StatusOr<size_t> BodySizeIn(std::string_view head) {
  const std::string text = HeaderIn(head, "content-length");
  size_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return FailedPrecondition("the server answered without Content-Length; this client needs it");
  }
  if (size > kBodyBytesMax) {
    return FailedPrecondition("an answer has {} bytes; this client takes at most {}", size, kBodyBytesMax);
  }
  return size;
}

absl::Status HeadWithoutEnd() { return FailedPrecondition("the head of an answer is above {} bytes", kHeadBytesMax); }

absl::Status Lost(const ServerUrl& url, int error) {
  return ErrnoStatus(error == 0 ? ECONNRESET : error, fmt::format("lost the connection to {}", url.text()));
}

}  // namespace

std::string HttpReply::Header(std::string_view name) const { return HeaderIn(head, name); }

struct HttpClient::Connection {
  explicit Connection(int number) : descriptor(number), room(256 * 1024, '\0') {}
  ~Connection() { ::close(descriptor); }
  const int descriptor;
  std::string room;   // the answer's head, and pieces of its body, which nobody looks at
  size_t filled = 0;  // of the head
  size_t sent = 0;    // of the request
  bool waiting_to_write = false;
  bool has_head = false;
  size_t body_left = 0;
  int status = 0;
  std::string error_text;  // the start of a body that is an error
  steady_clock::time_point began;
};

struct HttpClient::Block {
  std::string_view request;
  BlockResult result;
};

HttpClient::HttpClient(ServerUrl url) : url_(std::move(url)) {}

HttpClient::~HttpClient() { CloseAll(); }

void HttpClient::CloseAll() {
  connections_.clear();
  if (epoll_ >= 0) ::close(epoll_);
  epoll_ = -1;
}

absl::StatusOr<int> HttpClient::Connect() const {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(url_.host.c_str(), url_.port.c_str(), &hints, &found);
  if (error != 0) return NotFound("cannot find '{}': {}", url_.host, ::gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, ::freeaddrinfo);
  const int descriptor = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return ErrnoStatus(errno, "cannot make a socket");
  const int one = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (::connect(descriptor, found->ai_addr, found->ai_addrlen) != 0) {
    const absl::Status status = ErrnoStatus(errno, fmt::format("cannot connect to {}", url_.text()));
    ::close(descriptor);
    return status;
  }
  ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
  return descriptor;
}

absl::StatusOr<HttpReply> HttpClient::Ask(const std::string& request) const {
  OAR_ASSIGN_OR_RETURN(const int number, Connect());
  const Connection connection(number);
  return AskOn(number, request);
}

absl::Status HttpClient::Converse(const std::string& request, int count_max, nanoseconds time,
                                  std::vector<HttpReply>* replies, std::vector<double>* times_us) const {
  OAR_ASSIGN_OR_RETURN(const int number, Connect());
  const Connection connection(number);
  const auto until = steady_clock::now() + time;
  auto before = steady_clock::now();
  for (int i = 0; i < count_max && (i == 0 || before < until); ++i) {
    OAR_ASSIGN_OR_RETURN(HttpReply reply, AskOn(number, request));
    const auto after = steady_clock::now();
    if (reply.status == 200) {
      times_us->push_back(std::chrono::duration<double, std::micro>(after - before).count());
      replies->push_back(std::move(reply));
    }
    before = steady_clock::now();
  }
  return absl::OkStatus();
}

absl::StatusOr<HttpReply> HttpClient::AskOn(int number, const std::string& request) const {
  HttpReply reply;
  std::string received;
  size_t sent = 0;
  size_t wanted = 0;
  while (true) {
    if (const size_t blank = received.find(kBlank); wanted == 0 && blank != std::string::npos) {
      reply.head = received.substr(0, blank + 2);
      OAR_ASSIGN_OR_RETURN(const size_t body_size, BodySizeIn(reply.head));
      wanted = blank + kBlank.size() + body_size;
    }
    if (wanted > 0 && received.size() >= wanted) break;
    if (wanted == 0 && received.size() > kHeadBytesMax) return HeadWithoutEnd();
    pollfd waiting{number, static_cast<short>(sent < request.size() ? POLLIN | POLLOUT : POLLIN), 0};
    if (::poll(&waiting, 1, kTimeout_ms) <= 0)
      return DeadlineExceeded("{} did not answer in {} ms", url_.text(), kTimeout_ms);
    if ((waiting.revents & POLLOUT) != 0) {
      const ssize_t size = ::send(number, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
      if (size < 0 && errno != EAGAIN) return Lost(url_, errno);
      if (size > 0) sent += static_cast<size_t>(size);
    }
    if ((waiting.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
      char piece[65536];
      const ssize_t size = ::recv(number, piece, sizeof piece, 0);
      if (size == 0 || (size < 0 && errno != EAGAIN)) return Lost(url_, size == 0 ? 0 : errno);
      if (size > 0) received.append(piece, static_cast<size_t>(size));
    }
  }
  reply.status = StatusIn(reply.head);
  reply.body = received.substr(reply.head.size() + 2);
  return reply;
}

absl::Status HttpClient::OpenConnections(int count) {
  if (epoll_ < 0) epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) return ErrnoStatus(errno, "cannot make an epoll");
  while (static_cast<int>(connections_.size()) > count) connections_.pop_back();
  while (static_cast<int>(connections_.size()) < count) {
    OAR_ASSIGN_OR_RETURN(const int number, Connect());
    connections_.push_back(std::make_unique<Connection>(number));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = connections_.back().get();
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, number, &event) != 0) return ErrnoStatus(errno, "cannot watch a socket");
  }
  return absl::OkStatus();
}

absl::Status HttpClient::Send(Connection* connection, Block* block) {
  while (connection->sent < block->request.size()) {
    const ssize_t size = ::send(connection->descriptor, block->request.data() + connection->sent,
                                block->request.size() - connection->sent, MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno != EAGAIN) return Lost(url_, errno);
    if (size > 0) connection->sent += static_cast<size_t>(size);
    if (size < 0) break;
  }
  const bool must_wait = connection->sent < block->request.size();
  if (must_wait != connection->waiting_to_write) {
    connection->waiting_to_write = must_wait;
    epoll_event event{};
    event.events = must_wait ? EPOLLIN | EPOLLOUT : EPOLLIN;
    event.data.ptr = connection;
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, connection->descriptor, &event);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> HttpClient::Receive(Connection* connection, Block* block) {
  while (true) {
    const ssize_t got = ::recv(connection->descriptor, connection->room.data() + connection->filled,
                               connection->room.size() - connection->filled, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return false;
    if (got <= 0) return Lost(url_, got == 0 ? 0 : errno);
    auto size = static_cast<size_t>(got);
    if (!connection->has_head) {
      connection->filled += size;
      const std::string_view text(connection->room.data(), connection->filled);
      const size_t blank = text.find(kBlank);
      if (blank == std::string_view::npos) {
        if (text.size() > kHeadBytesMax) return HeadWithoutEnd();
        continue;
      }
      const std::string_view head = text.substr(0, blank + 2);
      connection->has_head = true;
      connection->status = StatusIn(head);
      OAR_ASSIGN_OR_RETURN(connection->body_left, BodySizeIn(head));
      size = connection->filled - blank - kBlank.size();
      if (connection->status != 200) connection->error_text = text.substr(blank + kBlank.size());
      connection->filled = 0;
    }
    if (size > connection->body_left) return FailedPrecondition("an answer is longer than its Content-Length");
    connection->body_left -= size;
    if (connection->body_left > 0) continue;
    connection->has_head = false;
    if (connection->status == 200) {
      ++block->result.requests;
    } else if (block->result.errors++ == 0) {
      block->result.first_error = fmt::format("{} {}", connection->status, Printable(connection->error_text));
    }
    return true;
  }
}

absl::StatusOr<BlockResult> HttpClient::Run(const std::string& request, const Load& load) {
  OAR_RETURN_IF_ERROR(OpenConnections(load.concurrency));
  Block block;
  block.request = request;
  block.result.latencies_ns.reserve(size_t{1} << 18);
  Pacing pacing(load);
  std::vector<Connection*> idle;
  size_t in_flight = 0;
  for (const auto& connection : connections_) idle.push_back(connection.get());
  // On an error the connections are in no known state.
  const auto fail = [&](absl::Status status) {
    CloseAll();
    return status;
  };
  std::vector<epoll_event> events(connections_.size());
  while (true) {
    const auto now = steady_clock::now();
    while (!idle.empty() && pacing.MayBegin(now)) {
      Connection* connection = idle.back();
      idle.pop_back();
      connection->sent = 0;
      connection->began = pacing.Begin();
      ++in_flight;
      if (const absl::Status status = Send(connection, &block); !status.ok()) return fail(status);
    }
    const bool waits_for_schedule = pacing.waits_for_schedule();
    if (in_flight == 0 && !waits_for_schedule) break;
    int timeout_ms = kTimeout_ms;
    if (waits_for_schedule && !idle.empty()) timeout_ms = static_cast<int>(pacing.SleepBeforeNext().count());
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
    if (count < 0 && errno != EINTR) return fail(ErrnoStatus(errno, "cannot wait for answers"));
    if (count == 0 && !waits_for_schedule) {
      return fail(DeadlineExceeded("{} did not answer in {} ms", url_.text(), kTimeout_ms));
    }
    for (int i = 0; i < count; ++i) {
      auto* connection = static_cast<Connection*>(events[static_cast<size_t>(i)].data.ptr);
      if ((events[static_cast<size_t>(i)].events & EPOLLOUT) != 0) {
        if (const absl::Status status = Send(connection, &block); !status.ok()) return fail(status);
      }
      const int64_t answered = block.result.requests;
      const auto whole = Receive(connection, &block);
      if (!whole.ok()) return fail(whole.status());
      if (!*whole) continue;
      if (block.result.requests > answered) {
        block.result.latencies_ns.push_back((steady_clock::now() - connection->began).count());
      }
      --in_flight;
      idle.push_back(connection);
    }
  }
  block.result.elapsed = pacing.Elapsed();
  return std::move(block.result);
}

}  // namespace oarlock

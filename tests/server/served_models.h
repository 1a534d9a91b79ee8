// What the tests of servers within this process share: models of the fake engine in a directory of their own, questions
// over HTTP, and this process's threads.
#ifndef OARLOCK_TESTS_SERVER_SERVED_MODELS_H_
#define OARLOCK_TESTS_SERVER_SERVED_MODELS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/descriptor.h"
#include "base/log.h"
#include "base/status.h"
#include "bench/http_client.h"
#include "runtime/runtime.h"

namespace oarlock {

inline constexpr std::chrono::seconds kLong(60);

inline std::string Add(int number, std::string_view more = "") {
  return fmt::format("input x FP32 -1,4\noutput y FP32 -1,4\nop add {}\n{}", number, more);
}

inline std::string RequestText(std::string_view verb, std::string_view path, std::string_view body = "") {
  return fmt::format("{} {} HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n\r\n{}", verb, path, body.size(), body);
}

inline std::string InferText(std::string_view model) {
  return RequestText("POST", fmt::format("/v2/models/{}/infer", model),
                     R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1,4],"data":[0,0,0,0]}]})");
}

// True once `condition` is; false if that takes far too long.
template <typename Condition>
bool WaitUntil(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + kLong;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// Of this process, by number.
inline std::set<std::string> Threads() {
  std::set<std::string> threads;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    threads.insert(entry.path().filename().string());
  }
  return threads;
}

// A connection whose questions and answers can be apart in time.
class Conversation {
 public:
  explicit Conversation(std::string_view address) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    uint16_t port = 0;
    std::from_chars(address.data() + address.rfind(':') + 1, address.data() + address.size(), port);
    to.sin_port = htons(port);
    EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    const timeval patience{kLong.count(), 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  void Send(const std::string& text) {
    EXPECT_EQ(::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  // All that comes until the server closes.
  std::string ReadToTheEnd() {
    std::string text;
    char piece[4096];
    for (ssize_t size = 0; (size = ::recv(socket_.get(), piece, sizeof piece, 0)) > 0;)
      text.append(piece, static_cast<size_t>(size));
    return text;
  }
  // The next answer; what there is of it if the server closes.
  std::string ReadAnswer() {
    constexpr std::string_view kLength = "Content-Length: ";
    for (char piece[4096];;) {
      const size_t head = ahead_.find("\r\n\r\n");
      const size_t length = ahead_.substr(0, head).find(kLength);
      if (head != std::string::npos && length != std::string::npos) {
        const size_t size = head + 4 + std::stoul(ahead_.substr(length + kLength.size()));
        if (ahead_.size() >= size) {
          std::string answer = ahead_.substr(0, size);
          ahead_.erase(0, size);
          return answer;
        }
      }
      const ssize_t size = ::recv(socket_.get(), piece, sizeof piece, 0);
      if (size <= 0) return std::exchange(ahead_, {});
      ahead_.append(piece, static_cast<size_t>(size));
    }
  }
  // Says that nothing more comes, and still reads.
  void SayNoMore() { ::shutdown(socket_.get(), SHUT_WR); }
  // From here on the end is not an orderly one.
  void EndWithReset() {
    const linger now{1, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

 private:
  const Descriptor socket_;
  std::string ahead_;  // of the next answer
};

class ServedModels : public ::testing::Test {
 protected:
  ServedModels()
      : root_(std::filesystem::path(::testing::TempDir()) /
              fmt::format("oarlock-server-{}-{}", ::getpid(),
                          ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(root_);
    // Engines make threads of their own when they are opened: before a test counts any.
    for (const std::string& name : runtime_.engines().Names()) (void)runtime_.engines().Get(name);
  }
  ~ServedModels() override { std::filesystem::remove_all(root_); }

  // Beside its place and then renamed, so that it is never seen half; of another size each time.
  std::filesystem::path Put(const std::string& name, std::string text) {
    std::filesystem::create_directories((root_ / name).parent_path());
    text += std::string(++puts_, '\n');
    std::ofstream(root_ / "new.tmp") << text;
    std::filesystem::rename(root_ / "new.tmp", root_ / name);
    return root_ / name;
  }

  static HttpReply Ask(std::string_view address, const std::string& request) {
    const auto url = ParseServerUrl(fmt::format("http://{}", address));
    EXPECT_TRUE(url.ok()) << url.status();
    auto reply = HttpClient(*url).Ask(request);
    EXPECT_TRUE(reply.ok()) << reply.status();
    return reply.ok() ? *std::move(reply) : HttpReply();
  }
  static int StatusOf(std::string_view address, std::string_view path) {
    return Ask(address, RequestText("GET", path)).status;
  }
  // What a model adds; -1 if it does not answer.
  static int Added(std::string_view address, std::string_view model) {
    const HttpReply reply = Ask(address, InferText(model));
    const size_t data = reply.body.find("\"data\":[");
    int added = -1;
    if (reply.status == 200 && data != std::string::npos) {
      std::from_chars(reply.body.data() + data + 8, reply.body.data() + reply.body.size(), added);
    }
    return added;
  }
  // The first number of that name in a model's statistics.
  static std::string Statistic(std::string_view address, std::string_view model, std::string_view name) {
    const std::string body = Ask(address, RequestText("GET", fmt::format("/v2/models/{}/stats", model))).body;
    const std::string key = fmt::format("\"{}\":", name);
    const size_t at = body.find(key);
    EXPECT_NE(at, std::string::npos) << name << " in " << body;
    if (at == std::string::npos) return "";
    const size_t begin = at + key.size();
    return body.substr(begin, body.find_first_of(",}", begin) - begin);
  }
  // Comes back once the server, whose one thread takes things in turn, must have the question.
  static void Begin(Conversation* conversation, std::string_view address, std::string_view model) {
    conversation->Send(InferText(model));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(StatusOf(address, "/v2/health/ready"), 200);
  }

  LogFn Log() {
    return [this](LogLevel level, std::string_view line) {
      const std::lock_guard lock(mutex_);
      lines_.push_back(fmt::format("{}: {}", static_cast<int>(level), line));
    };
  }
  std::vector<std::string> lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

  const std::filesystem::path root_;
  Runtime runtime_{OARLOCK_BUILD_DIR "/lib/oarlock/engines", 4};

 private:
  size_t puts_ = 0;
  std::mutex mutex_;
  std::vector<std::string> lines_;  // "LEVEL: LINE"; guarded by mutex_
};

}  // namespace oarlock

#endif  // OARLOCK_TESTS_SERVER_SERVED_MODELS_H_

// HTTP/1.1 connections that ask the same question again and again, as light as can be: on a machine of two cores a
// heavy client would be what is measured. One thread, epoll, no allocation while it runs. It trusts the server that it
// asks: answers need Content-Length.
#ifndef OARLOCK_BENCH_HTTP_CLIENT_H_
#define OARLOCK_BENCH_HTTP_CLIENT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/load.h"
#include "bench/server_url.h"

namespace oarlock {

struct HttpReply {
  int status = 0;
  std::string head;  // with the status line
  std::string body;
  // The value of a header; empty if there is none. `name` in lower case.
  std::string Header(std::string_view name) const;
};

class HttpClient {
 public:
  // Each waits at most so long for an answer.
  static constexpr int kTimeout_ms = 60'000;

  explicit HttpClient(ServerUrl url);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // One question, one answer, on a connection of its own.
  absl::StatusOr<HttpReply> Ask(const std::string& request) const;
  // Questions one after the other on one connection: at most so many, and no more once `time` has passed. The answers
  // with status 200, and the time of each in microseconds.
  absl::Status Converse(const std::string& request, int count_max, std::chrono::nanoseconds time,
                        std::vector<HttpReply>* replies, std::vector<double>* times_us) const;
  // `request` over `load.concurrency` connections, which stay open for the next block.
  absl::StatusOr<BlockResult> Run(const std::string& request, const Load& load);

 private:
  struct Connection;
  struct Block;
  absl::StatusOr<int> Connect() const;
  absl::StatusOr<HttpReply> AskOn(int descriptor, const std::string& request) const;
  absl::Status OpenConnections(int count);
  void CloseAll();
  absl::Status Send(Connection* connection, Block* block);
  // Reads what is there. True when the answer is whole.
  absl::StatusOr<bool> Receive(Connection* connection, Block* block);

  ServerUrl url_;
  int epoll_ = -1;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace oarlock

#endif  // OARLOCK_BENCH_HTTP_CLIENT_H_

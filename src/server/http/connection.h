// One client's connection: reads a request, hands it to the handler, writes the answer, and again. Requests that were
// sent ahead (pipelining) wait in the socket, so that answers keep their order. Every wait has a time-out.
// Lives as long as something is pending on it; its steps come one after the other, on a strand if there are several
// threads.
#ifndef OARLOCK_SERVER_HTTP_CONNECTION_H_
#define OARLOCK_SERVER_HTTP_CONNECTION_H_

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <memory>
#include <optional>
#include <string>

#include "server/http/handler.h"
#include "server/http/patience.h"
#include "server/http/request_parser.h"
#include "server/http/stream.h"
#include "server/protocol/answer_counts.h"

namespace oarlock {

// What a server's connections share.
struct ConnectionContext {
  Limits limits;
  HttpHandler* handler = nullptr;
  std::atomic<bool> draining{false};
  std::atomic<int64_t> connection_count{0};
  AnswerCounts answers;
  std::atomic<int64_t> busy_count{0};  // connections with a request whose answer is not yet written
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // In the clear without `tls`.
  Connection(Stream::Socket socket, std::shared_ptr<ConnectionContext> context,
             std::shared_ptr<boost::asio::ssl::context> tls);
  ~Connection();

  void Start();
  // Answers 503 and closes.
  void TurnAway();
  // From any thread.
  void Close();
  // Closes if it waits for a next request. One without a first has just come, and is told why it gets no more. From any
  // thread.
  void CloseIfIdle();

 private:
  using Error = boost::system::error_code;

  // What is waited for; what becomes of the connection if that takes too long depends on it.
  enum class Phase { kGreeting, kIdle, kReading, kHandling, kWriting, kLingering };

  void Run(void (Connection::*step)());
  void CloseNow();
  // TLS first, where that is spoken.
  void Greet();
  void OnTimeUp();
  bool IsLate(const Error& error) const;
  void ReadRequest();
  // Of what has been received; the rest of a head that is not whole is waited for.
  void ReadHeader();
  void OnHeader(const Error& error);
  void SendContinue();
  void ReadBody();
  void ReadSizedBody(size_t size_bytes);
  void ReadChunkedBody();
  void OnChunkedBody(const Error& error);
  void OnBody();
  void OnLateBody();
  // Until the inference that is under way has its answer: does the client still wait for it?
  void Watch();
  void Look();
  // Instead of handling the request; and the end of the connection: what the client still sends is of no use.
  void Refuse(int status, std::string_view text);
  void Refuse(HttpAnswer answer, bool keep_open = false);
  void Write(HttpAnswer answer, bool keep_open);
  void WriteHead();
  // As much as the socket takes at once, which is all of most answers; the rest as it takes it.
  void Send();
  void OnWritten(const Error& error);
  // Lets the client read the last answer before the socket goes: closing with unread input would reset it.
  void Linger();
  void SetBusy(bool busy);

  Stream stream_;
  const std::shared_ptr<ConnectionContext> context_;
  std::string client_;
  Patience patience_;
  Phase phase_ = Phase::kIdle;
  bool late_ = false;
  Patience::Clock::time_point began_;      // the first byte of the request
  std::chrono::nanoseconds last_send_{0};  // of the answer before
  boost::beast::flat_buffer buffer_;
  std::optional<RequestParser> parser_;
  std::weak_ptr<Inference> under_way_;
  boost::asio::steady_timer look_again_;
  bool is_watching_ = false;
  HttpAnswer answer_;
  std::string head_;
  std::vector<boost::asio::const_buffer> parts_;  // what is still to be sent
  Patience::Clock::time_point send_began_;
  bool keep_open_ = false;
  bool head_only_ = false;
  bool served_ = false;  // at least one request
  bool busy_ = false;    // counted in busy_count
  size_t lingered_bytes_ = 0;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_CONNECTION_H_

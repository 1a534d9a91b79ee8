#include "server/http/http_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <mutex>
#include <thread>

#include "base/signals.h"
#include "base/status.h"
#include "server/http/connection.h"
#include "server/http/listener.h"
#include "server/http/living.h"
#include "server/http/preface.h"
#include "server/http/tls_context.h"

namespace oarlock {

namespace asio = boost::asio;

namespace {

// Connections beyond the limit that are told so at a time; more are closed without a word.
constexpr int64_t kTurnedAwayMax = 64;
// To count is a call of the system for each: whoever knocks at a full server must not make it do so every time.
constexpr std::chrono::milliseconds kCountPause(10);

}  // namespace

struct HttpServer::State {
  using Socket = Listener::Socket;

  HttpServerOptions options;
  std::shared_ptr<ConnectionContext> context = std::make_shared<ConnectionContext>();
  std::mutex tls_mutex;
  std::shared_ptr<asio::ssl::context> tls;  // guarded by tls_mutex
  asio::io_context io;
  // Each connection's steps one after the other; a single thread does that by itself.
  asio::any_io_executor NewExecutor() {
    if (options.threads == 1) return io.get_executor();
    return asio::make_strand(io);
  }
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(io);
  // With several threads, one may accept while another closes.
  asio::strand<asio::io_context::executor_type> accepting = asio::make_strand(io);
  std::vector<std::unique_ptr<Listener>> listeners;  // as in options
  std::vector<std::thread> threads;
  Living<Connection> connections;
  Living<Preface> prefaces;
  std::atomic<int64_t> taken{0};                  // connections of HTTP/2 as they were last counted, and those since
  std::chrono::steady_clock::time_point counted;  // of the one that accepts

  // Those of HTTP/2 are counted anew where their number decides.
  bool IsFull() {
    const auto is_full = [this] { return context->connection_count + taken >= context->limits.http_connections_max; };
    const auto now = std::chrono::steady_clock::now();
    if (is_full() && options.http2.count && now - counted >= kCountPause) {
      taken = options.http2.count();
      counted = now;
    }
    return is_full();
  }

  std::shared_ptr<asio::ssl::context> Tls() {
    const std::lock_guard lock(tls_mutex);
    return tls;
  }

  void OnSocket(Socket socket, const ListenerOptions& listener) {
    if (IsFull()) return listener.tls ? void() : TurnAway(std::move(socket));
    if (!listener.http1 && listener.tls) return Take(std::move(socket), true);
    if (!listener.http2) return StartHttp1(std::move(socket), listener.tls ? Tls() : nullptr);
    auto preface = std::make_shared<Preface>(std::move(socket), context,
                                             [this, http1 = listener.http1](Socket known, bool is_http2) {
                                               if (is_http2) {
                                                 Take(std::move(known), false);
                                               } else if (http1) {
                                                 StartHttp1(std::move(known), nullptr);
                                               }
                                             });
    prefaces.Add(preface);
    preface->Start();
  }

  void StartHttp1(Socket socket, std::shared_ptr<asio::ssl::context> own_tls) {
    auto connection = std::make_shared<Connection>(std::move(socket), context, std::move(own_tls));
    connections.Add(connection);
    connection->Start();
  }

  // Before anybody knows what it speaks. Not over TLS, where a handshake would be the greater part of the work.
  void TurnAway(Socket socket) {
    if (context->connection_count + taken >= context->limits.http_connections_max + kTurnedAwayMax) return;
    std::make_shared<Connection>(std::move(socket), context, nullptr)->TurnAway();
  }

  void Take(Socket socket, bool is_tls) {
    if (context->draining) return;  // closed: HTTP/2 has no word for that before its settings
    boost::system::error_code error;
    socket.set_option(asio::ip::tcp::no_delay(true), error);  // a Unix socket has no such option
    socket.non_blocking(true, error);
    std::string peer = PeerOf(socket);
    const int descriptor = socket.release(error);
    if (error) return;
    ++taken;
    options.http2.take(descriptor, std::move(peer), is_tls);
  }
};

HttpServer::HttpServer(HttpServerOptions options, const Limits& limits, HttpHandler* handler)
    : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  state_->context->limits = limits;
  state_->context->handler = handler;
}

HttpServer::~HttpServer() { Stop(); }

absl::Status HttpServer::UseTls(const TlsPem& pem) {
  OAR_ASSIGN_OR_RETURN(auto tls, MakeTlsContext(pem));
  const std::lock_guard lock(state_->tls_mutex);
  state_->tls.swap(tls);
  return absl::OkStatus();
}

absl::Status HttpServer::Listen() {
  for (const ListenerOptions& options : state_->options.listeners) {
    OAR_ASSIGN_OR_RETURN(const ListenAddress address, ListenAddress::Parse(options.address));
    auto listener = std::make_unique<Listener>(state_->accepting);
    OAR_RETURN_IF_ERROR(listener->Listen(address));
    state_->listeners.push_back(std::move(listener));
  }
  return absl::OkStatus();
}

std::string HttpServer::address(size_t index) const { return state_->listeners[index]->address(); }

bool HttpServer::is_loopback(size_t index) const { return state_->listeners[index]->is_loopback(); }

void HttpServer::Start() {
  for (size_t i = 0; i < state_->listeners.size(); ++i) {
    state_->listeners[i]->Start([state = state_.get()] { return state->NewExecutor(); },
                                [state = state_.get(), i](Listener::Socket socket) {
                                  state->OnSocket(std::move(socket), state->options.listeners[i]);
                                });
  }
  const BlockSignals block;
  for (int i = 0; i < state_->options.threads; ++i) state_->threads.emplace_back([this] { state_->io.run(); });
}

void HttpServer::BeginDrain() {
  state_->context->draining = true;
  state_->connections.ForEach([](Connection& connection) { connection.CloseIfIdle(); });
}

void HttpServer::Stop() {
  if (state_->threads.empty()) {
    state_->listeners.clear();
    return;
  }
  asio::post(state_->accepting, [this] {
    for (const auto& listener : state_->listeners) listener->Close();
  });
  state_->prefaces.ForEach([](Preface& preface) { preface.Close(); });
  state_->connections.ForEach([](Connection& connection) { connection.Close(); });
  state_->work.reset();
  // Threads end by themselves once nothing is pending; a second of patience, then they are told to.
  for (int waited_ms = 0; waited_ms < 1000 && !state_->io.stopped(); waited_ms += 5) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  state_->io.stop();
  for (std::thread& thread : state_->threads) thread.join();
  state_->threads.clear();
  state_->listeners.clear();
}

int64_t HttpServer::busy_count() const { return state_->context->busy_count; }

int64_t HttpServer::connection_count() const { return state_->context->connection_count; }

std::map<int, int64_t> HttpServer::answer_counts() const { return state_->context->answers.Read(); }

}  // namespace oarlock

#include "server/http/http_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <charconv>
#include <mutex>
#include <set>
#include <thread>

#include "base/signals.h"
#include "base/status.h"
#include "server/http/connection.h"

namespace oarlock {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// Connections beyond the limit that are told so at a time; more are closed without a word.
constexpr int64_t kTurnedAwayMax = 64;

absl::StatusOr<tcp::endpoint> ParseAddress(const std::string& text) {
  const absl::Status error =
      InvalidArgument("'{}' is no address to listen on; write ADDR:PORT, as in 127.0.0.1:8080 or [::1]:8080", text);
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return error;
  std::string host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  const std::string port_text = text.substr(colon + 1);
  uint16_t port = 0;
  const auto [end, failed] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  boost::system::error_code no_address;
  const auto address = asio::ip::make_address(host, no_address);
  if (no_address || port_text.empty() || failed != std::errc() || end != port_text.data() + port_text.size()) {
    return error;
  }
  return tcp::endpoint(address, port);
}

}  // namespace

struct HttpServer::State {
  HttpServerOptions options;
  std::shared_ptr<ConnectionContext> context = std::make_shared<ConnectionContext>();
  asio::io_context io;
  // Each connection's steps one after the other; a single thread does that by itself.
  asio::any_io_executor NewExecutor() {
    if (options.threads == 1) return io.get_executor();
    return asio::make_strand(io);
  }
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(io);
  // With several threads, one may accept while another closes.
  asio::strand<asio::io_context::executor_type> accepting = asio::make_strand(io);
  tcp::acceptor acceptor{accepting};
  asio::steady_timer retry{accepting};
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::set<std::weak_ptr<Connection>, std::owner_less<>> connections;  // guarded by mutex

  void Accept() {
    acceptor.async_accept(NewExecutor(), [this](const boost::system::error_code& error, tcp::socket socket) {
      if (!acceptor.is_open()) return;
      if (error) {
        // Out of descriptors, say: a pause, or the loop would take a whole core.
        retry.expires_after(std::chrono::milliseconds(50));
        retry.async_wait([this](const boost::system::error_code&) { Accept(); });
        return;
      }
      const int64_t over = context->connection_count - context->limits.http_connections_max;
      if (over < kTurnedAwayMax) {
        auto connection = std::make_shared<Connection>(std::move(socket), context);
        if (over < 0) {
          Remember(connection);
          connection->Start();
        } else {
          connection->TurnAway();
        }
      }
      Accept();
    });
  }

  void Remember(const std::shared_ptr<Connection>& connection) {
    const std::lock_guard lock(mutex);
    // Ended ones are swept when they outnumber the living, so that the sweep costs little per connection.
    if (connections.size() > 64 && static_cast<int64_t>(connections.size()) > 2 * context->connection_count) {
      std::erase_if(connections, [](const auto& each) { return each.expired(); });
    }
    connections.insert(connection);
  }

  template <typename Action>
  void ForEachConnection(Action action) {
    const std::lock_guard lock(mutex);
    for (const auto& weak : connections) {
      if (const auto connection = weak.lock()) action(*connection);
    }
  }
};

HttpServer::HttpServer(HttpServerOptions options, const Limits& limits, HttpHandler* handler)
    : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  state_->context->limits = limits;
  state_->context->handler = handler;
}

HttpServer::~HttpServer() { Stop(); }

absl::Status HttpServer::Listen() {
  OAR_ASSIGN_OR_RETURN(const tcp::endpoint endpoint, ParseAddress(state_->options.address));
  tcp::acceptor& acceptor = state_->acceptor;
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) return absl::OkStatus();
  boost::system::error_code ignored;
  acceptor.close(ignored);
  const std::string what = fmt::format("cannot listen on '{}'", state_->options.address);
  if (error == asio::error::address_in_use) {
    return Unavailable("{}: the port is in use; stop what uses it, or choose another with --http", what);
  }
  return ErrnoStatus(error.value(), what);
}

std::string HttpServer::address() const {
  boost::system::error_code ignored;
  const tcp::endpoint endpoint = state_->acceptor.local_endpoint(ignored);
  const std::string host = endpoint.address().to_string();
  return fmt::format("{}:{}", endpoint.address().is_v6() ? fmt::format("[{}]", host) : host, endpoint.port());
}

bool HttpServer::is_loopback() const {
  boost::system::error_code ignored;
  return state_->acceptor.local_endpoint(ignored).address().is_loopback();
}

void HttpServer::Start() {
  state_->Accept();
  const BlockSignals block;
  for (int i = 0; i < state_->options.threads; ++i) state_->threads.emplace_back([this] { state_->io.run(); });
}

void HttpServer::BeginDrain() {
  state_->context->draining = true;
  state_->ForEachConnection([](Connection& connection) { connection.CloseIfIdle(); });
}

void HttpServer::Stop() {
  if (state_->threads.empty()) {
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
    return;
  }
  asio::post(state_->accepting, [this] {
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
    state_->retry.cancel();
  });
  state_->ForEachConnection([](Connection& connection) { connection.Close(); });
  state_->work.reset();
  // Threads end by themselves once nothing is pending; a second of patience, then they are told to.
  for (int waited_ms = 0; waited_ms < 1000 && !state_->io.stopped(); waited_ms += 5) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  state_->io.stop();
  for (std::thread& thread : state_->threads) thread.join();
  state_->threads.clear();
}

int64_t HttpServer::busy_count() const { return state_->context->busy_count; }

int64_t HttpServer::connection_count() const { return state_->context->connection_count; }

std::map<int, int64_t> HttpServer::answer_counts() const { return state_->context->answers.Read(); }

}  // namespace oarlock

// The least that an HTTP server on Boost.Beast does: reads a request, its body straight to where it stays, and gives an
// answer of fixed bytes, on one thread.
// What `oarlock serve` takes beyond it is what reading tensors, running a model and writing tensors cost.
//   http_echo PORT FILE      FILE is the answer's body; with port 0 the kernel picks one. Says `ready PORT`.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const std::string& body) : socket_(std::move(socket)), body_(body) {
    socket_.set_option(tcp::no_delay(true));
  }

  void Read() {
    parser_.emplace();
    parser_->body_limit(boost::none);
    http::async_read_header(socket_, buffer_, *parser_, [self = shared_from_this()](beast::error_code error, size_t) {
      if (!error) self->ReadBody();
    });
  }

 private:
  void ReadBody() {
    request_.resize(parser_->content_length().value_or(0));
    const size_t early = std::min(buffer_.size(), request_.size());
    std::memcpy(request_.data(), buffer_.data().data(), early);
    buffer_.consume(early);
    if (early == request_.size()) return Write();
    asio::async_read(socket_, asio::buffer(request_.data() + early, request_.size() - early),
                     [self = shared_from_this()](beast::error_code error, size_t) {
                       if (!error) self->Write();
                     });
  }
  void Write() {
    answer_ = {http::status::ok, 11};
    answer_.set(http::field::content_type, "application/json");
    answer_.body() = beast::span<const char>(body_.data(), body_.size());
    answer_.prepare_payload();
    http::async_write(socket_, answer_, [self = shared_from_this()](beast::error_code error, size_t) {
      if (!error) self->Read();
    });
  }

  tcp::socket socket_;
  const std::string& body_;
  beast::flat_buffer buffer_{1 << 20};
  std::optional<http::request_parser<http::empty_body>> parser_;
  std::string request_;
  http::response<http::span_body<const char>> answer_;
};

void Accept(tcp::acceptor& acceptor, const std::string& body) {
  acceptor.async_accept([&](beast::error_code error, tcp::socket socket) {
    if (!error) std::make_shared<Session>(std::move(socket), body)->Read();
    Accept(acceptor, body);
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "http_echo PORT FILE\n");
    return 2;
  }
  std::ifstream file(argv[2], std::ios::binary);
  const std::string body{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  asio::io_context io(1);
  tcp::acceptor acceptor(io, {asio::ip::make_address("127.0.0.1"), static_cast<unsigned short>(std::atoi(argv[1]))});
  std::printf("ready %d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  Accept(acceptor, body);
  io.run();
}

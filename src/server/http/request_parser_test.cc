#include "server/http/request_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <random>
#include <string>
#include <vector>

#include "base/rounds_test.h"
#include "base/status.h"

namespace oarlock {
namespace {

namespace http = boost::beast::http;
using testing::HasSubstr;

Limits SmallLimits() {
  Limits limits;
  limits.http_header_bytes_max = 1024;
  limits.http_body_bytes_max = 1000;
  return limits;
}

// What a connection does, without one: bytes come in pieces of `piece_bytes`, what is not used stays.
struct Parsed {
  explicit Parsed(std::string_view wire, size_t piece_bytes = std::string::npos) : parser(limits) {
    std::string held;
    while (!parser.is_done() && !error && !wire.empty()) {
      held += wire.substr(0, piece_bytes);
      wire.remove_prefix(std::min(piece_bytes, wire.size()));
      do {
        parser.eager(parser.is_header_done());
        held.erase(0, parser.put(boost::asio::buffer(held), error));
      } while (!error && !held.empty() && IsReadOn());
      if (error == http::error::need_more) error = {};
      if (parser.is_header_done() && !IsReadOn()) break;
    }
    left = held + std::string(wire);
  }

  // As in a connection: a request that is refused is not read on, and a body of known size not by the parser.
  bool IsReadOn() {
    return !parser.is_done() && parser.refusal() == nullptr && (!parser.is_header_done() || parser.chunked());
  }

  bool IsWhole() { return !error && parser.is_header_done() && !IsReadOn(); }

  int status() { return parser.refusal() == nullptr ? 0 : parser.refusal()->status; }
  std::string text() { return parser.refusal() == nullptr ? "" : parser.refusal()->text; }
  std::string body() const {
    const auto bytes = parser.call().body.bytes();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  const Limits limits = SmallLimits();
  RequestParser parser;
  boost::system::error_code error;
  std::string left;
};

std::string Post(std::string_view headers) { return fmt::format("POST /v2 HTTP/1.1\r\nHost: h\r\n{}\r\n", headers); }

TEST(RequestParser, TakesWhatTheHandlerNeeds) {
  Parsed parsed(
      "POST /v2/models/m/infer?x=y HTTP/1.1\r\nHost: h:80\r\ninference-header-content-length: 7 \r\n"
      "X-Model-Version:2\r\nX-REQUEST-ID: r1\r\nAccept-Encoding: br\r\nAccept-Encoding: deflate;q=0.5\r\n"
      "Content-Encoding: x-gzip\r\nExpect: 100-Continue\r\nContent-Length: 9\r\n\r\n");
  ASSERT_FALSE(parsed.error) << parsed.error.message();
  ASSERT_EQ(parsed.status(), 0) << parsed.text();
  const HttpCall call = parsed.parser.TakeCall();
  EXPECT_EQ(call.method, "POST");
  EXPECT_EQ(call.target, "/v2/models/m/infer?x=y");
  EXPECT_EQ(call.json_size, "7");
  EXPECT_EQ(call.model_version, "2");
  EXPECT_EQ(call.answer_coding, ContentCoding::kDeflate);
  EXPECT_EQ(parsed.parser.request_id(), "r1");
  EXPECT_EQ(parsed.parser.body_coding(), ContentCoding::kGzip);
  EXPECT_TRUE(parsed.parser.expects_continue());
  EXPECT_EQ(*parsed.parser.content_length(), 9U);
  EXPECT_FALSE(parsed.parser.is_done());
}

TEST(RequestParser, NamesOfARequestAreShortAndPrintable) {
  const std::string long_name(512, 'n');
  Parsed parsed(Post("Content-Length: 0\r\nX-Request-ID: a b~\r\nce-id: " + long_name +
                     "\r\ntraceparent: 00-a\r\ntraceparent: 00-b\r\n"));
  EXPECT_EQ(parsed.parser.request_id(), "a b~");
  EXPECT_EQ(parsed.parser.ce_id(), long_name);
  const HttpCall call = parsed.parser.TakeCall();
  EXPECT_EQ(call.request_id, "a b~");
  EXPECT_EQ(call.ce_id, long_name);
  EXPECT_EQ(call.traceparent, "00-a, 00-b");
  for (const std::string& wrong : {long_name + "n", std::string("\xC3\xA4"), std::string("a\tb")}) {
    for (const char* name : {"x-request-id", "Ce-Id"}) {
      Parsed other(Post(fmt::format("Content-Length: 0\r\n{}: {}\r\n", name, wrong)));
      EXPECT_FALSE(other.error) << wrong;
      EXPECT_EQ(other.parser.request_id() + other.parser.ce_id(), "") << wrong;
    }
  }
}

TEST(RequestParser, CredentialsAreKeptAsTheyWereSent) {
  Parsed parsed(Post("Content-Length: 0\r\nAUTHORIZATION: Bearer a\r\nX-Api-Key: b\r\nx-api-key: c\r\n"));
  EXPECT_EQ(parsed.parser.call().credentials.authorization, "Bearer a");
  EXPECT_EQ(parsed.parser.call().credentials.api_key, "b, c");
  Parsed none(Post("Content-Length: 0\r\nProxy-Authorization: Bearer a\r\n"));
  EXPECT_FALSE(none.parser.call().credentials.authorization.has_value());
  EXPECT_FALSE(none.parser.call().credentials.api_key.has_value());
  Parsed trailer(Post("Transfer-Encoding: chunked\r\n") + "0\r\nAuthorization: Bearer a\r\nx-api-key: b\r\n\r\n");
  ASSERT_TRUE(trailer.parser.is_done());
  EXPECT_FALSE(trailer.parser.call().credentials.authorization.has_value());
  EXPECT_FALSE(trailer.parser.call().credentials.api_key.has_value());
}

TEST(RequestParser, ChunksBecomeOneBodyHoweverTheyAreCut) {
  const std::string wire =
      Post("Transfer-Encoding: Chunked\r\n") +
      "3\r\nabc\r\n04;name;a=b;c=\"d\\\"e\"\r\ndefg\r\n0\r\nContent-Type: t\r\nx-request-id: t\r\n\r\nnext";
  for (const size_t piece : {1U, 2U, 3U, 5U, 7U, 1000U}) {
    Parsed parsed(wire, piece);
    ASSERT_FALSE(parsed.error) << piece << parsed.error.message();
    ASSERT_TRUE(parsed.parser.is_done()) << piece;
    EXPECT_EQ(parsed.body(), "abcdefg");
    EXPECT_EQ(parsed.left, "next");
    EXPECT_EQ(parsed.parser.request_id(), "");  // a trailer is no header
  }
}

TEST(RequestParser, AChunkedBodyIsLaidOutForItsTensors) {
  Parsed parsed(Post("Transfer-Encoding: chunked\r\nInference-Header-Content-Length: 100\r\n") + "c8\r\n" +
                std::string(200, 'x') + "\r\n0\r\n\r\n");
  ASSERT_TRUE(parsed.parser.is_done());
  EXPECT_EQ(reinterpret_cast<uintptr_t>(parsed.parser.call().body.bytes().data() + 100) % kBufferAlignmentBytes, 0U);
}

TEST(RequestParser, TheLimitOfAChunkedBodyIsMetAtTheChunkThatExceedsIt) {
  const std::string half = "1f4\r\n" + std::string(500, 'x') + "\r\n";
  Parsed fits(Post("Transfer-Encoding: chunked\r\n") + half + half + "0\r\n\r\n");
  EXPECT_TRUE(fits.parser.is_done());
  EXPECT_EQ(fits.body().size(), 1000U);
  for (const std::string_view size : {"1\r\n", "ffffffffffffffff\r\n"}) {
    Parsed parsed(Post("Transfer-Encoding: chunked\r\n") + half + half + std::string(size));
    EXPECT_EQ(parsed.error, http::error::body_limit);
  }
  EXPECT_EQ(Parsed(Post("Transfer-Encoding: chunked\r\n") + "3e9\r\n").error, http::error::body_limit);
}

TEST(RequestParser, WhatIsNoChunkIsAnError) {
  for (const std::string_view chunk :
       {"-1\r\n", "x\r\n", " 5\r\nabcde\r\n0\r\n\r\n", "0x5\r\nabcde\r\n0\r\n\r\n", "+5\r\nabcde\r\n0\r\n\r\n",
        "\r\n\r\n", "10000000000000000\r\n", "5\nabcde\r\n0\r\n\r\n", "2\r\nabc\r\n0\r\n\r\n", "2\r\nab0\r\n\r\n",
        "2 x\r\nab\r\n0\r\n\r\n", "2;\r\nab\r\n0\r\n\r\n", "2;a=\r\nab\r\n0\r\n\r\n", "2\rab\r\n0\r\n\r\n",
        "0\r\nno colon\r\n\r\n", "0\r\nContent-Length: 5\r\n\r\n", "0\r\nTransfer-Encoding: chunked\r\n\r\n",
        "0\r\nA b: c\r\n\r\n"}) {
    Parsed parsed(Post("Transfer-Encoding: chunked\r\n") + std::string(chunk));
    EXPECT_TRUE(parsed.error) << chunk;
    EXPECT_FALSE(parsed.parser.is_done()) << chunk;
  }
}

TEST(RequestParser, ExtensionsOfChunksAreBounded) {
  const std::string chunk = "1;" + std::string(99, 'e') + "\r\nx\r\n";
  std::string wire = Post("Transfer-Encoding: chunked\r\n");
  for (int i = 0; i < 20; ++i) wire += chunk;
  Parsed parsed(wire, 50);
  EXPECT_TRUE(parsed.error);
  EXPECT_THAT(parsed.text(), HasSubstr("more than 1024 bytes"));
}

TEST(RequestParser, FieldsThatComeOneByOneMeetTheLimitToo) {
  // Each with the first letter of the next, which keeps Beast from counting them.
  std::string wire = "GET /v HTTP/1.1\r\nf";
  for (int i = 0; i < 100; ++i) wire += "ield: value 123\r\nf";
  Parsed parsed(wire, 18);
  EXPECT_EQ(parsed.error, http::error::header_limit);
}

TEST(RequestParser, RefusalsNameWhatIsWrong) {
  const std::tuple<std::string, int, std::string> cases[] = {
      {"GET /v2 HTTP/1.1\r\n\r\n", 400, "Host is given 0 times"},
      {"GET /v2 HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "Host is given 2 times"},
      {"GET /v2 HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "Host is 'a b'"},
      {"GET /v2 HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "Host is 'a/b'"},
      {Post("Content-Length: 5\r\nContent-Length: 5\r\n"), 400, "Content-Length is given twice"},
      {Post("Content-Length: 5, 5\r\n"), 400, "Content-Length is given twice"},
      {Post("Content-Length: 1001\r\n"), 413, "1001 bytes; the limit is 1000"},
      {Post("Content-Length: 18446744073709551615\r\n"), 413, "18446744073709551615"},
      {Post("Transfer-Encoding: identity\r\n"), 501, "Transfer-Encoding is 'identity'"},
      {Post("Transfer-Encoding: xchunked\r\n"), 501, "'xchunked'"},
      {Post("Transfer-Encoding: gzip, chunked\r\n"), 501, "'gzip, chunked'"},
      {Post("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"), 501, "'gzip, chunked'"},
      {Post("Transfer-Encoding: chunked, identity\r\n"), 501, "'chunked, identity'"},
      {Post("Transfer-Encoding:\r\n"), 501, "''"},
      {"POST /v2 HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "HTTP/1.0 has no Transfer-Encoding"},
      {Post("Expect: 200-ok\r\n"), 417, "Expect is '200-ok'"},
      {Post("Expect: 100-continue\r\nExpect: x\r\n"), 417, "'100-continue, x'"},
      {Post("Content-Encoding: br\r\n"), 415, "Content-Encoding 'br' is not read"},
      {Post("Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n"), 415, "'gzip, gzip'"},
      {Post("Content-Encoding:\r\n"), 415, "''"},
      {Post("Folded: a\r\n b\r\n"), 400, "the header 'Folded' goes on in a second line"},
      {Post("Folded: a\r\n\tb\r\n"), 400, "'Folded'"},
      {Post("Folded:\r\n b\r\n"), 400, "'Folded'"},
      {Post("Folded: a\r\n \r\n"), 400, "'Folded'"},
      {Post("Host:\r\n b\r\n"), 400, "'Host'"},
      {"GET http:///v2 HTTP/1.1\r\nHost: h\r\n\r\n", 400, "'http:///v2' names no host"},
      {"GET http://a@b/v2 HTTP/1.1\r\nHost: h\r\n\r\n", 400, "names no host"},
  };
  for (const auto& [wire, status, text] : cases) {
    for (const size_t piece : {size_t{1}, std::string::npos}) {
      Parsed parsed(wire, piece);
      EXPECT_FALSE(parsed.error) << wire << parsed.error.message();
      EXPECT_EQ(parsed.status(), status) << wire << parsed.text();
      EXPECT_THAT(parsed.text(), HasSubstr(text)) << wire;
    }
  }
}

TEST(RequestParser, WhatIsNoHeadIsAnError) {
  using namespace std::string_literals;
  for (const std::string& wire : {Post("A b: c\r\n"),
                                  Post("A : c\r\n"),

                                  Post(": c\r\n"),
                                  Post("no colon\r\n"),
                                  Post("A: b\0c\r\n"s),
                                  Post("A\0: b\r\n"s),
                                  Post("A: b\nB: c\r\n"),
                                  Post("A: b\rB: c\r\n"),
                                  Post("A: b\x7f\r\n"),
                                  "GET  /v2 HTTP/1.1\r\n\r\n"s,
                                  "GET /v2\nHost: h\n\n"s,
                                  "GET /v2 HTTP/1.1\nHost: h\n\n"s,
                                  "GET /v\0 HTTP/1.1\r\n\r\n"s,
                                  "G\0T / HTTP/1.1\r\n\r\n"s,
                                  "GET /v2 HTTP/2.0\r\n\r\n"s,
                                  "GET /v2 HTTP/1.2\r\n\r\n"s,
                                  "GET /v2 http/1.1\r\n\r\n"s,
                                  "GET /v2 HTTP/1.1 \r\n\r\n"s,
                                  Post("Content-Length: -1\r\n"),
                                  Post("Content-Length: +1\r\n"),
                                  Post("Content-Length: 0x1\r\n"),
                                  Post("Content-Length: 1 1\r\n"),
                                  Post("Content-Length:\r\n"),
                                  Post("Content-Length: 18446744073709551616\r\n"),
                                  Post("Content-Length: 1\r\nContent-Length: 2\r\n"),
                                  Post("Content-Length: 1,\r\n"),
                                  Post("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
                                  Post("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"),
                                  Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")}) {
    EXPECT_TRUE(Parsed(wire).error) << wire;
  }
}

TEST(RequestParser, AbsoluteTargetsMeanTheirPath) {
  const std::pair<std::string_view, std::string_view> cases[] = {{"http://h/v2", "/v2"},
                                                                 {"HTTP://h:80/v2?x=http://y", "/v2?x=http://y"},
                                                                 {"http://h", "/"},
                                                                 {"http://[::1]:1?x", "/?x"},
                                                                 {"https://h/v2", "https://h/v2"},
                                                                 {"*", "*"}};
  for (const auto& [sent, meant] : cases) {
    Parsed parsed(fmt::format("GET {} HTTP/1.1\r\nHost: other\r\n\r\n", sent));
    EXPECT_EQ(parsed.status(), 0) << parsed.text();
    EXPECT_EQ(parsed.parser.call().target, meant);
  }
}

TEST(RequestParser, AHeaderGivenTwiceIsNotANumber) {
  const Parsed parsed(Post("Inference-Header-Content-Length: 5\r\nInference-Header-Content-Length: 5\r\n"));
  EXPECT_EQ(parsed.parser.call().json_size, "5, 5");
  EXPECT_THAT(std::string(MessageOf(parsed.parser.call().JsonSizeBytes(10).status())),
              HasSubstr("is '5, 5'; it must be"));
}

// Never a crash, and however the bytes are cut, the same is seen.
TEST(RequestParserFuzz, MutationsAreSeenTheSameInAnyPieces) {
  const std::string seeds[] = {
      Post("Transfer-Encoding: chunked\r\nAccept-Encoding: gzip;q=0.5\r\n") +
          "3\r\nabc\r\n2;x=\"y\"\r\nde\r\n0\r\nA: b\r\n\r\n",
      Post("Content-Length: 3\r\nContent-Encoding: gzip\r\nExpect: 100-continue\r\nx-request-id: 1\r\n"),
      "GET http://h/v2 HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\nInference-Header-Content-Length: 5\r\n\r\n"};
  constexpr std::string_view kPieces[] = {"\r\n",
                                          "\r",
                                          "\n",
                                          ":",
                                          " ",
                                          "\t",
                                          ",",
                                          ";",
                                          "=",
                                          "\"",
                                          "\\",
                                          "0",
                                          "f",
                                          "0\r\n\r\n",
                                          "\r\n\r\n",
                                          "\r\n ",
                                          "chunked",
                                          "Transfer-Encoding: ",
                                          "Content-Length: ",
                                          "\x80"};
  std::mt19937 random(20240612);
  int taken = 0;
  for (int round = 0; round < Rounds(6000); ++round) {
    std::string wire = seeds[static_cast<size_t>(round) % std::size(seeds)];
    for (size_t changes = random() % 3; changes > 0; --changes) {
      const size_t at = random() % wire.size();
      const std::string_view piece = kPieces[random() % std::size(kPieces)];
      switch (random() % 4) {
        case 0:
          wire[at] = static_cast<char>(random());
          break;
        case 1:
          wire.erase(at, random() % 4 + 1);
          break;
        case 2:
          wire.insert(at, piece);
          break;
        default:
          wire.insert(at, wire.substr(random() % wire.size(), random() % 40));
          break;
      }
    }
    Parsed whole(wire);
    Parsed cut(wire, random() % 9 + 1);
    // An error may be seen early, or only once the line or the head is whole.
    ASSERT_EQ(whole.IsWhole(), cut.IsWhole()) << wire << whole.error.message() << cut.error.message();
    if (!whole.IsWhole()) continue;
    ASSERT_EQ(whole.status(), cut.status()) << wire;
    ASSERT_EQ(whole.body(), cut.body()) << wire;
    ASSERT_LE(whole.body().size(), 1000U);
    taken += whole.status() == 0 ? 1 : 0;
  }
  EXPECT_GT(taken, 1000);
}

}  // namespace
}  // namespace oarlock

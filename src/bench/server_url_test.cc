#include "bench/server_url.h"

#include <gtest/gtest.h>

namespace oarlock {
namespace {

TEST(ServerUrl, HasHostPortAndPath) {
  const auto url = ParseServerUrl("http://example.test:8080/v2/models/relu");
  ASSERT_TRUE(url.ok()) << url.status();
  EXPECT_EQ(url->host, "example.test");
  EXPECT_EQ(url->port, "8080");
  EXPECT_EQ(url->path, "/v2/models/relu");
  EXPECT_EQ(url->text(), "http://example.test:8080/v2/models/relu");
}

TEST(ServerUrl, PortIs80AndPathIsNoneUnlessGiven) {
  for (const char* text : {"http://host", "http://host/", "http://host:80//"}) {
    const auto url = ParseServerUrl(text);
    ASSERT_TRUE(url.ok()) << url.status();
    EXPECT_EQ(url->text(), "http://host:80") << text;
  }
}

TEST(ServerUrl, AddressOfIPv6StandsInBrackets) {
  const auto url = ParseServerUrl("http://[::1]:9000/x/");
  ASSERT_TRUE(url.ok()) << url.status();
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, "9000");
  EXPECT_EQ(url->text(), "http://[::1]:9000/x");
  EXPECT_EQ(ParseServerUrl("http://[::1]")->port, "80");
}

TEST(ServerUrl, NamesGrpcByItsScheme) {
  const auto url = ParseServerUrl("grpc://[::1]:9000/v2/models/relu");
  ASSERT_TRUE(url.ok()) << url.status();
  EXPECT_EQ(url->scheme, "grpc");
  EXPECT_EQ(url->authority(), "[::1]:9000");
  EXPECT_EQ(url->text(), "grpc://[::1]:9000/v2/models/relu");
}

TEST(ServerUrl, RefusesWhatItDoesNotSpeak) {
  for (const char* text : {"https://host/", "grpcs://host/", "://host/", "host:80", "http://", "http:///path",
                           "http://host:", "http://host:65536", "http://host:http", "http://host:-1",
                           "http://user@host/", "http://host/a?b", "http://host/#a", "http://host/a b", "http://[::1",
                           "http://::1]", "http://[::1]x:80", "http://::1/"}) {
    const auto url = ParseServerUrl(text);
    EXPECT_EQ(url.status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_EQ(ParseServerUrl("https://host/").status().message(),
            "'https://host/' is no address of a model on a server; write http://HOST:PORT/v2/models/NAME, "
            "or grpc:// for gRPC");
}

TEST(ServerUrl, RefusesWhatWouldAddAHeader) { EXPECT_FALSE(ParseServerUrl("http://host/a\r\nX: y").ok()); }

}  // namespace
}  // namespace oarlock

#include "server/http/body.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "server/http/infer_request_parser.h"

namespace oarlock {
namespace {

std::span<const std::byte> Bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string Text(const Body& body) { return {reinterpret_cast<const char*>(body.bytes().data()), body.bytes().size()}; }

bool IsPaddedWithZeros(const Body& body) {
  const std::byte* const end = body.bytes().data() + body.size_bytes();
  return std::all_of(end, end + kBodyPaddingBytes, [](std::byte byte) { return byte == std::byte{0}; });
}

// What an earlier request may leave in the memory that the next one gets.
void LeaveBrackets(size_t size_bytes) {
  auto dirty = Body::Allocate(size_bytes + kBodyPaddingBytes, 0);
  ASSERT_TRUE(dirty.ok());
  std::ranges::fill(dirty->mutable_bytes(), std::byte{'}'});
}

TEST(Body, TensorsStartAtMultiplesOf64) {
  for (const size_t json_size : {0U, 1U, 63U, 64U, 100U}) {
    auto whole = Body::Allocate(200, json_size);
    ASSERT_TRUE(whole.ok());
    EXPECT_EQ(reinterpret_cast<uintptr_t>(whole->bytes().data() + json_size) % kBufferAlignmentBytes, 0U);
    Body grown(json_size);
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(grown.Append(Bytes(std::string(100, 'x')), 1 << 20).ok());
    EXPECT_EQ(reinterpret_cast<uintptr_t>(grown.bytes().data() + json_size) % kBufferAlignmentBytes, 0U);
    EXPECT_EQ(grown.size_bytes(), 20'000U);
  }
}

TEST(Body, GrowsByAnyPiecesUpToItsLimit) {
  std::string wanted;
  Body body(7);
  for (int i = 0; i < 3000; ++i) {
    const std::string piece(static_cast<size_t>(i % 5), static_cast<char>('a' + i % 26));
    ASSERT_TRUE(body.Append(Bytes(piece), 6000).ok());
    wanted += piece;
  }
  EXPECT_EQ(Text(body), wanted);
  EXPECT_EQ(body.size_bytes(), 6000U);
  EXPECT_TRUE(body.Append({}, 6000).ok());
  EXPECT_EQ(body.Append(Bytes("x"), 6000).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(Text(body), wanted);
}

// simdjson looks at the byte behind a text, and a bracket there changes what it says of one that is not closed.
TEST(Body, PaddingDoesNotDependOnWhatTheMemoryHeld) {
  LeaveBrackets(200);
  auto whole = Body::Allocate(200, 0);
  ASSERT_TRUE(whole.ok());
  EXPECT_TRUE(IsPaddedWithZeros(*whole));
  LeaveBrackets(4096);
  Body grown(0);
  for (const std::string_view piece : {"{\"a\":1", "}", ""}) {
    ASSERT_TRUE(grown.Append(Bytes(piece), 1 << 20).ok());
    EXPECT_TRUE(IsPaddedWithZeros(grown));
  }
}

}  // namespace
}  // namespace oarlock

#include "server/http/accept_encoding.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace oarlock {
namespace {

constexpr auto kIdentity = ContentCoding::kIdentity;
constexpr auto kGzip = ContentCoding::kGzip;
constexpr auto kDeflate = ContentCoding::kDeflate;

TEST(CodingFromName, KnowsWhatIsRead) {
  EXPECT_EQ(CodingFromName("gzip"), kGzip);
  EXPECT_EQ(CodingFromName("X-GZip"), kGzip);
  EXPECT_EQ(CodingFromName("deflate"), kDeflate);
  EXPECT_EQ(CodingFromName("Identity"), kIdentity);
  for (const std::string_view name : {"", "br", "zstd", "gzip, gzip", "gzip, identity", "gzip ", "*", "gzipp"}) {
    EXPECT_EQ(CodingFromName(name), std::nullopt) << name;
  }
}

TEST(ChooseCoding, FollowsTheQualities) {
  const std::pair<std::string_view, ContentCoding> cases[] = {
      {"", kIdentity},
      {"gzip", kGzip},
      {"x-gzip", kGzip},
      {"GZIP", kGzip},
      {"deflate", kDeflate},
      {"gzip, deflate", kGzip},
      {"deflate, gzip", kGzip},
      {"deflate, gzip, br, zstd", kGzip},
      {"br, zstd", kIdentity},
      {"*", kIdentity},
      {"identity", kIdentity},
      {"identity, gzip", kIdentity},
      {"gzip;q=0", kIdentity},
      {"gzip;q=0.000, deflate;q=0.001", kDeflate},
      {"gzip;q=0.5, deflate;q=0.9", kDeflate},
      {"gzip;q=0.5", kGzip},
      {"gzip;q=0.5, identity;q=0.8", kIdentity},
      {"gzip;q=0.8, identity;q=0.5", kGzip},
      {"gzip;q=0.5, *;q=0.1", kGzip},
      {"gzip;q=0, *", kIdentity},
      {"identity;q=0", kIdentity},
      {"identity;q=0, *", kGzip},
      {"identity;q=0, gzip;q=0, *", kDeflate},
      {"*;q=0", kIdentity},
      {"*;q=0, gzip", kGzip},
      {" gzip ; q=1.0 ,, ", kGzip},
      {"\tdeflate\t", kDeflate},
      {"gzip;Q=0.3", kGzip},
  };
  for (const auto& [accept, coding] : cases) EXPECT_EQ(NameOf(ChooseCoding(accept)), NameOf(coding)) << accept;
}

TEST(ChooseCoding, WhatIsNoQualityIsTakenForARefusal) {
  for (const std::string_view q : {"q=2", "q=1.001", "q=-1", "q=.5", "q=", "q=0.1234", "q=1;5", "x=1", "", "q=nan"}) {
    EXPECT_EQ(ChooseCoding("gzip;" + std::string(q)), kIdentity) << q;
  }
}

}  // namespace
}  // namespace oarlock

#include "engine/private_library.h"

#include <gtest/gtest.h>

#include "base/status.h"

namespace oarlock {
namespace {

constexpr std::string_view kMaps =
    "55d0c8a00000-55d0c8a22000 r--p 00000000 fe:01 131 /usr/bin/host\n"
    "7f1c2c000000-7f1c2c021000 rw-p 00000000 00:00 0 \n"
    "7f1c2c5a1000-7f1c2c5b5000 r-xp 00009000 fe:01 742 /opt/my app/lib/libtbb.so.12.8\n"
    "7f1c2c7a1000-7f1c2c7b5000 r-xp 00009000 fe:01 743 /opt/lib/libgone.so.3 (deleted)\n"
    "7ffd6b5f4000-7ffd6b615000 rw-p 00000000 00:00 0 [stack]\n"
    "7f1c2c9a1000-7f1c2c9b5000 r-xp 00009000 fe:01 744 /opt/lib/liblast.so.1";

TEST(PrivateLibrary, IsFoundUnderTheFileThatItsSonameLeadsTo) {
  EXPECT_EQ(MappedLibrary(kMaps, "libtbb.so.12"), "/opt/my app/lib/libtbb.so.12.8");
  EXPECT_EQ(MappedLibrary(kMaps, "libtbb.so.12.8"), "/opt/my app/lib/libtbb.so.12.8");
  EXPECT_EQ(MappedLibrary(kMaps, "libgone.so.3"), "/opt/lib/libgone.so.3");
  EXPECT_EQ(MappedLibrary(kMaps, "liblast.so.1"), "/opt/lib/liblast.so.1");
}

TEST(PrivateLibrary, OtherVersionsAndOtherNamesAreNone) {
  EXPECT_EQ(MappedLibrary(kMaps, "libtbb.so.1"), "");
  EXPECT_EQ(MappedLibrary(kMaps, "libtbb.so.2"), "");
  EXPECT_EQ(MappedLibrary(kMaps, "tbb.so.12"), "");
  EXPECT_EQ(MappedLibrary("", "libtbb.so.12"), "");
}

TEST(PrivateLibrary, AForeignOneIsRefusedByItsFile) {
  const absl::Status status = CheckPrivateLibrary("openvino", "libtbb.so.12", kMaps);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(MessageOf(status).find("engine 'openvino'"), std::string_view::npos) << status;
  EXPECT_NE(MessageOf(status).find("/opt/my app/lib/libtbb.so.12.8"), std::string_view::npos) << status;
  EXPECT_NE(MessageOf(status).find("a server process of their own"), std::string_view::npos) << status;
  EXPECT_TRUE(CheckPrivateLibrary("openvino", "libtbb.so.2", kMaps).ok());
  EXPECT_TRUE(CheckPrivateLibrary("fake", "", kMaps).ok());
}

TEST(PrivateLibrary, OwnMapsNameTheCLibrary) { EXPECT_NE(MappedLibrary(OwnMaps(), "libc.so.6"), ""); }

}  // namespace
}  // namespace oarlock

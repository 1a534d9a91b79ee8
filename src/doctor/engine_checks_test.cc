#include "doctor/engine_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oarlock {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kPlugin[] = "/opt/lib/liboarlock_engine_x.so";

TEST(EngineChecks, MissingLibraryIsReadFromTheLoadersWords) {
  EXPECT_EQ(MissingLibrary("libtbb.so.12: cannot open shared object file: No such file or directory"), "libtbb.so.12");
  EXPECT_EQ(MissingLibrary("engine plugin '/opt/x.so' cannot be loaded: libopenvino.so.2641: cannot open shared object "
                           "file: No such file or directory"),
            "libopenvino.so.2641");
  EXPECT_EQ(MissingLibrary("/opt/x.so: cannot open shared object file: Permission denied"), "");
  EXPECT_EQ(MissingLibrary("/opt/x.so: file too short"), "");
  EXPECT_EQ(MissingLibrary(": cannot open shared object file: No such file or directory"), "");
  EXPECT_EQ(MissingLibrary(""), "");
}

TEST(EngineChecks, FixFitsWhatIsWrong) {
  const auto fix = [](std::string_view error) { return PluginFix(error, kPlugin, "./scripts/bootstrap"); };
  constexpr std::string_view kNoFile = ": cannot open shared object file: No such file or directory";
  EXPECT_THAT(fix(std::string("libengine.so.3") + std::string(kNoFile)),
              testing::AllOf(HasSubstr("unpack the package again"), HasSubstr("./scripts/bootstrap"),
                             EndsWith("it brings libengine.so.3")));
  EXPECT_EQ(fix(std::string("libgomp.so.1") + std::string(kNoFile)), "apt-get install libgomp1");
  EXPECT_EQ(fix("x.so: cannot open shared object file: Permission denied"),
            "chmod a+r '/opt/lib/liboarlock_engine_x.so'");
  EXPECT_THAT(fix("libm.so.6: version `GLIBC_2.99' not found"), StartsWith("run it on a system as new as Debian 12"));
  EXPECT_THAT(fix("was built for plugin ABI 99, and this program for 1"),
              StartsWith("install the plugin and the program"));
  EXPECT_THAT(fix("is no engine plugin: it does not export"), StartsWith("remove '/opt/lib/liboarlock_engine_x.so'"));
  EXPECT_THAT(fix("file too short"), StartsWith("the file is damaged"));
}

TEST(EngineChecks, EngineOfNoKnownRowHasNoCommand) {
  EXPECT_EQ(PluginFix("file too short", kPlugin, ""),
            "the file is damaged or for another machine: unpack the package again; in a source tree build again");
}

}  // namespace
}  // namespace oarlock

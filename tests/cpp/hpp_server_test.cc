#include <string>

#include "hpp_fixture.h"

namespace oarlock {
namespace {

using HppServer = HppTest;

TEST_F(HppServer, StartsDrainsAndStops) {
  const std::string config =
      "schema: 1\nmodels:\n  - path: " OARLOCK_SOURCE_DIR "/tests/models/fake/add.fake\n    engine: fake\n";
  ServerOptions options;
  options.config_text = config.c_str();
  options.http = "127.0.0.1:0";
  Server server = Server::Create(runtime_, options).value();
  EXPECT_EQ(server.Address().code(), OAR_FAILED_PRECONDITION);
  EXPECT_EQ(server.Reload().code(), OAR_FAILED_PRECONDITION);
  server.Start().value();
  server.Reload().value();
  const std::string address = server.Address().value();
  EXPECT_EQ(address.substr(0, 10), "127.0.0.1:");
  EXPECT_NE(address, "127.0.0.1:0");
  server.Drain(std::chrono::nanoseconds(kWait).count()).value();
  server.Stop().value();
  EXPECT_EQ(server.Stop().code(), OAR_FAILED_PRECONDITION);
}

TEST_F(HppServer, WrongConfigurationSaysWhere) {
  ServerOptions options;
  options.config_text = "schema: 1\nmodles: []\n";
  const Result<Server> server = Server::Create(runtime_, options);
  EXPECT_EQ(server.code(), OAR_INVALID_ARGUMENT);
  EXPECT_NE(std::string(server.message()).find("modles"), std::string::npos) << server.message();
}

}  // namespace
}  // namespace oarlock

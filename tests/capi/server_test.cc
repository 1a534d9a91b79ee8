// A server within this process, through C: it answers, it drains, it ends in any order of handles.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fixture.h"

namespace oarlock::capi_test {
namespace {

constexpr char kConfig[] =
    "schema: 1\nmodels:\n  - path: " OARLOCK_SOURCE_DIR "/tests/models/fake/add.fake\n    engine: fake\n";

class CServer : public CApi {
 protected:
  void SetUp() override {
    CApi::SetUp();
    ASSERT_NE(oar_features() & OAR_FEATURE_SERVER, 0U) << "the server's library does not lie beside this one";
  }
  Owned<oar_server> Made() { return MadeOn(runtime_.get()); }
  static Owned<oar_server> MadeOn(oar_runtime runtime) {
    auto options = Sized<oar_server_options>();
    options.config_text = kConfig;
    options.http = "127.0.0.1:0";
    Owned<oar_server> server;
    EXPECT_TRUE(Ok(oar_server_create, runtime, &options, server.out()));
    return server;
  }

  Owned<oar_runtime> runtime_ = NewRuntime();
};

std::string AddressOf(oar_server server) {
  const char* address = nullptr;
  EXPECT_TRUE(Ok(oar_server_address, server, &address));
  return address == nullptr ? "" : address;
}

// The first line of what a server answers; empty if it does not listen.
std::string Get(const std::string& address, const std::string& path, const std::string& headers = "") {
  const size_t colon = address.find(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(colon + 1))));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  std::string answer;
  if (connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) {
    const std::string request =
        "GET " + path + " HTTP/1.1\r\nHost: " + address + "\r\n" + headers + "Connection: close\r\n\r\n";
    std::array<char, 4096> part;
    if (write(socket, request.data(), request.size()) == static_cast<ssize_t>(request.size())) {
      for (ssize_t size = 0; (size = read(socket, part.data(), part.size())) > 0;) {
        answer.append(part.data(), static_cast<size_t>(size));
      }
    }
  }
  close(socket);
  return answer.substr(0, answer.find("\r\n"));
}

TEST_F(CServer, AnswersUntilItIsStopped) {
  const auto server = Made();
  const char* none = nullptr;
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "", oar_server_address, server.get(), &none));
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "", oar_server_drain, server.get(), int64_t{0}));
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "", oar_server_stop, server.get()));
  ASSERT_TRUE(Ok(oar_server_start, server.get()));
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "", oar_server_start, server.get()));
  const std::string address = AddressOf(server.get());
  EXPECT_EQ(Get(address, "/v2/health/ready"), "HTTP/1.1 200 OK");
  EXPECT_EQ(Get(address, "/v2/models/add/ready"), "HTTP/1.1 200 OK");
  EXPECT_NE(Get(address, "/v2/models/none/ready"), "HTTP/1.1 200 OK");
  for (const int64_t timeout_ns : {int64_t{0}, int64_t{-1}, INT64_MAX}) {
    EXPECT_TRUE(Ok(oar_server_drain, server.get(), timeout_ns));
  }
  EXPECT_NE(Get(address, "/v2/health/ready"), "HTTP/1.1 200 OK") << "load balancers are told";
  ASSERT_TRUE(Ok(oar_server_stop, server.get()));
  EXPECT_EQ(Get(address, "/v2/health/live"), "");
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "", oar_server_stop, server.get()));
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "", oar_server_start, server.get())) << "it is not started again";
}

// A directory of its own, which goes with it.
class Directory {
 public:
  explicit Directory(const std::string& name)
      : path_(std::filesystem::path(testing::TempDir()) / ("oarlock-capi-" + std::to_string(getpid()) + "-" + name)) {
    std::filesystem::create_directories(path_);
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  std::string Put(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }
  std::string Text(const std::string& name) const {
    std::ifstream file(path_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  const std::filesystem::path path_;
};

TEST_F(CServer, ReadsItsKeysAnewWhenItIsTold) {
  const Directory directory("keys");
  const std::string keys = directory.Put("keys.yaml", "read: [the-first-key-0123]\n");
  const std::string config = kConfig + ("keys_file: " + keys + "\n");
  auto options = Sized<oar_server_options>();
  options.config_text = config.c_str();
  options.http = "127.0.0.1:0";
  Owned<oar_server> server;
  ASSERT_TRUE(Ok(oar_server_create, runtime_.get(), &options, server.out()));
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "not started", oar_server_reload, server.get()));
  ASSERT_TRUE(Ok(oar_server_start, server.get()));
  const std::string address = AddressOf(server.get());
  const auto with = [&](const std::string& key) { return Get(address, "/v2", "x-api-key: " + key + "\r\n"); };
  EXPECT_EQ(with("the-first-key-0123"), "HTTP/1.1 200 OK");
  directory.Put("keys.yaml", "read: [the-second-key-012]\n");
  EXPECT_EQ(with("the-second-key-012"), "HTTP/1.1 403 Forbidden") << "not read before it is told";
  ASSERT_TRUE(Ok(oar_server_reload, server.get()));
  EXPECT_EQ(with("the-first-key-0123"), "HTTP/1.1 403 Forbidden");
  EXPECT_EQ(with("the-second-key-012"), "HTTP/1.1 200 OK");
  directory.Put("keys.yaml", "read: [short]\n");
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, keys, oar_server_reload, server.get()));
  std::filesystem::remove(keys);
  EXPECT_TRUE(Fails(OAR_NOT_FOUND, keys, oar_server_reload, server.get()));
  EXPECT_EQ(with("the-second-key-012"), "HTTP/1.1 200 OK") << "what counted still does";
  ASSERT_TRUE(Ok(oar_server_stop, server.get()));
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "stopped", oar_server_reload, server.get()));
}

TEST_F(CServer, ReadsItsCertificatesAnewWhenItIsTold) {
  const Directory directory("certificates");
  const std::string cert = directory.path("tls.crt");
  const std::string key = directory.path("tls.key");
  const auto issue = [&] {
    return std::system(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=a "
                        "-keyout '" +
                        key + "' -out '" + cert + "' 2>/dev/null")
                           .c_str());
  };
  ASSERT_EQ(issue(), 0);
  const std::string config = kConfig + ("grpc: none\ntls_cert: " + cert + "\ntls_key: " + key + "\n");
  auto options = Sized<oar_server_options>();
  options.config_text = config.c_str();
  options.http = "127.0.0.1:0";
  Owned<oar_server> server;
  ASSERT_TRUE(Ok(oar_server_create, runtime_.get(), &options, server.out()));
  ASSERT_TRUE(Ok(oar_server_start, server.get()));
  // What a client is shown, as PEM.
  const auto shown = [&, address = AddressOf(server.get())] {
    const std::string pem = directory.path("shown.pem");
    const std::string command =
        "timeout 60 openssl s_client -connect " + address + " </dev/null 2>/dev/null | openssl x509 -out '" + pem + "'";
    EXPECT_EQ(std::system(command.c_str()), 0);
    return directory.Text("shown.pem");
  };
  const std::string first = directory.Text("tls.crt");
  EXPECT_EQ(shown(), first);
  ASSERT_EQ(issue(), 0);
  EXPECT_EQ(shown(), first) << "not read before it is told";
  ASSERT_TRUE(Ok(oar_server_reload, server.get()));
  const std::string second = directory.Text("tls.crt");
  EXPECT_NE(second, first);
  EXPECT_EQ(shown(), second);
  directory.Put("tls.key", "no key");
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, key, oar_server_reload, server.get()));
  EXPECT_EQ(shown(), second);
}

TEST_F(CServer, EndsAfterItsRuntimesHandleAndWhileItServes) {
  auto runtime = NewRuntime();
  auto server = MadeOn(runtime.get());
  ASSERT_TRUE(Ok(oar_server_start, server.get()));
  const std::string address = AddressOf(server.get());
  runtime.Reset();
  EXPECT_EQ(Get(address, "/v2/models/add/ready"), "HTTP/1.1 200 OK");
  server.Reset();
  EXPECT_EQ(Get(address, "/v2/health/live"), "");
}

TEST_F(CServer, ConfigurationsThatAreWrongAreNamed) {
  const auto refused = [&](oar_code code, std::string_view word, const char* path, const char* text) {
    auto options = Sized<oar_server_options>();
    options.config_path = path;
    options.config_text = text;
    oar_server server{0xabab};
    EXPECT_TRUE(Fails(code, word, oar_server_create, runtime_.get(), &options, &server));
    EXPECT_EQ(server.value, 0xababU);
  };
  refused(OAR_INVALID_ARGUMENT, "", nullptr, nullptr);
  refused(OAR_INVALID_ARGUMENT, "both", OARLOCK_SOURCE_DIR "/tests/models/fake/add.fake", kConfig);
  refused(OAR_NOT_FOUND, "nowhere", "/nowhere/models.yaml", nullptr);
  refused(OAR_INVALID_ARGUMENT, "modles", nullptr, "schema: 1\nmodles: []\n");
  refused(OAR_INVALID_ARGUMENT, "", nullptr, "schema: 1\nmodels: [");
  refused(OAR_INVALID_ARGUMENT, "", nullptr, "");
}

TEST_F(CServer, AddressThatIsInUseIsUnavailable) {
  const auto first = Made();
  ASSERT_TRUE(Ok(oar_server_start, first.get()));
  const std::string address = AddressOf(first.get());
  auto options = Sized<oar_server_options>();
  options.config_text = kConfig;
  options.http = address.c_str();
  Owned<oar_server> second;
  ASSERT_TRUE(Ok(oar_server_create, runtime_.get(), &options, second.out()));
  EXPECT_TRUE(Fails(OAR_UNAVAILABLE, address, oar_server_start, second.get()));
  EXPECT_EQ(Get(address, "/v2/health/ready"), "HTTP/1.1 200 OK");
}

}  // namespace
}  // namespace oarlock::capi_test

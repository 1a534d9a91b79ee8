// KServe v2 over gRPC as clients meet it: calls, streams, deadlines and cancellation, limits, and the server's end.
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include "grpc_caller.h"
#include "oarlock/health.pb.h"
#include "served_models.h"
#include "server/embedded/server.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using grpc::StatusCode;
using inference::ModelInferResponse;
using inference::ModelStreamInferResponse;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

// Two open dims, or loading would warm up with runs of it.
constexpr std::string_view kOpen = "input x FP32 -1,-1\noutput y FP32 -1,-1\nop add 1\n";

std::string Slow(int delay_us) { return fmt::format("{}delay_us {}\n", kOpen, delay_us); }

class GrpcServing : public ServedModels {
 protected:
  // The model `m`.
  void Serve(std::string_view script, std::string_view settings = "", std::string_view model_settings = "") {
    Put("m/m.fake", std::string(script));
    ServerSource source;
    source.text = fmt::format("schema: 1\n{}models:\n  - {{path: m{}}}\n", settings, model_settings);
    source.directory = root_;
    source.http = "127.0.0.1:0";
    auto server = Server::Create(std::move(source), &runtime_, Log());
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    const absl::Status started = server_->Start();
    ASSERT_TRUE(started.ok()) << started;
    address_ = std::string(*server_->grpc_address());
  }
  std::string Statistic(std::string_view name) { return ServedModels::Statistic(*server_->address(), "m", name); }
  // No call is left, which a server that stops would wait for.
  bool Drained() { return server_->Drain(kLong).ok(); }

  std::unique_ptr<Server> server_;
  std::string address_;
};

TEST_F(GrpcServing, OnePortTakesBothProtocols) {
  Serve(Add(3));
  EXPECT_EQ(*server_->address(), *server_->grpc_address());
  ModelInferResponse response;
  const grpc::Status status = GrpcCaller(address_).Ask("ModelInfer", Zeros("m", 4, "an id"), &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(FirstOf(response), 3);
  EXPECT_EQ(response.id(), "an id");
  EXPECT_EQ(response.model_name(), "m");
  EXPECT_EQ(response.model_version(), "1");
  EXPECT_EQ(Added(address_, "m"), 3);
}

TEST_F(GrpcServing, OnTwoPortsEachTakesItsOwn) {
  Serve(Add(3), "grpc: 127.0.0.1:0\n");
  EXPECT_NE(*server_->address(), *server_->grpc_address());
  ModelInferResponse response;
  EXPECT_TRUE(GrpcCaller(address_).Ask("ModelInfer", Zeros("m", 4), &response).ok());
  EXPECT_EQ(GrpcCaller(std::string(*server_->address())).Ask("ModelInfer", Zeros("m", 4), &response).error_code(),
            StatusCode::UNAVAILABLE);
  EXPECT_EQ(Added(*server_->address(), "m"), 3);
  Conversation conversation(address_);
  conversation.Send(InferText("m"));
  EXPECT_EQ(conversation.ReadToTheEnd(), "") << "closed without a word of another protocol";
}

TEST_F(GrpcServing, WithoutGrpcHttpAnswersItsPreface) {
  Serve(Add(3), "grpc: none\n");
  EXPECT_EQ(*server_->grpc_address(), "");
  Conversation conversation(*server_->address());
  conversation.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  EXPECT_THAT(conversation.ReadToTheEnd(), HasSubstr("HTTP/1.1 400"));
}

TEST_F(GrpcServing, AUnixSocketTakesBothAndIsTheUsersAlone) {
  const fs::path path = root_ / "s";
  Serve(Add(3), fmt::format("unix: {}\n", path.string()));
  struct stat status {};
  ASSERT_EQ(lstat(path.c_str(), &status), 0);
  EXPECT_TRUE(S_ISSOCK(status.st_mode));
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  ModelInferResponse response;
  EXPECT_TRUE(GrpcCaller("unix:" + path.string()).Ask("ModelInfer", Zeros("m", 4), &response).ok());
  EXPECT_EQ(FirstOf(response), 3);
  server_.reset();
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(GrpcServing, BytesThatComeOneByOneTellTheProtocolToo) {
  Serve(Add(3));
  Conversation http(address_);
  for (const char byte : RequestText("POST", "/v2/nothing")) http.Send(std::string(1, byte));
  Conversation http2(address_);
  for (const char byte : std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")) http2.Send(std::string(1, byte));
  // gRPC's settings come first, a frame of type 4 on stream 0; then the connection is ended for want of ours.
  http2.Send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(http2.ReadToTheEnd().substr(3, 1), "\x04");
  Conversation patch(address_);
  patch.Send("P");
  patch.Send("UT /v2 HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(patch.ReadToTheEnd(), HasSubstr("HTTP/1.1 405"));
}

TEST_F(GrpcServing, WhoSaysTooLittleForTooLongIsLeft) {
  Serve(Add(3), "limits: {http_idle_timeout_ms: 50, http_header_timeout_ms: 50}\n");
  Conversation silent(address_);
  EXPECT_EQ(silent.ReadToTheEnd(), "");
  Conversation slow(address_);
  slow.Send("PR");
  EXPECT_EQ(slow.ReadToTheEnd(), "");
}

TEST_F(GrpcServing, AnswersTheOtherQuestions) {
  Serve(Add(3));
  const GrpcCaller client(address_);
  inference::ServerLiveResponse live;
  EXPECT_TRUE(client.Ask("ServerLive", inference::ServerLiveRequest(), &live).ok());
  EXPECT_TRUE(live.live());
  inference::ModelReadyRequest which;
  which.set_name("m");
  inference::ModelReadyResponse ready;
  EXPECT_TRUE(client.Ask("ModelReady", which, &ready).ok());
  EXPECT_TRUE(ready.ready());
  which.set_name("n");
  EXPECT_TRUE(client.Ask("ModelReady", which, &ready).ok());
  EXPECT_FALSE(ready.ready());
  which.set_version("x");
  EXPECT_EQ(client.Ask("ModelReady", which, &ready).error_code(), StatusCode::INVALID_ARGUMENT);
  inference::ModelMetadataRequest about;
  about.set_name("m");
  inference::ModelMetadataResponse metadata;
  EXPECT_TRUE(client.Ask("ModelMetadata", about, &metadata).ok());
  EXPECT_EQ(metadata.inputs(0).name(), "x");
  EXPECT_EQ(metadata.inputs(0).shape(1), 4);
  EXPECT_EQ(metadata.platform(), "fake_fake");
  inference::ModelStatisticsRequest of;
  inference::ModelStatisticsResponse statistics;
  ModelInferResponse response;
  EXPECT_TRUE(client.Ask("ModelInfer", Zeros("m", 4), &response).ok());
  EXPECT_TRUE(client.Ask("ModelStatistics", of, &statistics).ok());
  EXPECT_EQ(statistics.model_stats(0).inference_count(), 1U);
  EXPECT_EQ(statistics.model_stats(0).inference_stats().success().count(), 1U);
  EXPECT_EQ(client.Ask("Nothing", of, &statistics).error_code(), StatusCode::UNIMPLEMENTED);
}

TEST_F(GrpcServing, WhatIsNoMessageIsRefused) {
  Serve(Add(3));
  for (const char* method : {"ModelInfer", "ModelMetadata", "ModelStatistics"}) {
    grpc::ClientContext context;
    std::string answer;
    const grpc::Status status = GrpcCaller(address_).Call(
        fmt::format("/inference.GRPCInferenceService/{}", method).c_str(), &context, "\x0a\xff", &answer);
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT) << method << ": " << status.error_message();
  }
}

TEST_F(GrpcServing, AnInferenceThatFailsSaysWhy) {
  Serve(std::string(kOpen) + "fail_run 2 INTERNAL the engine stumbled\n", "", ", executions: 1");
  const GrpcCaller client(address_);
  ModelInferResponse response;
  EXPECT_EQ(client.Ask("ModelInfer", Zeros("n", 4), &response).error_code(), StatusCode::NOT_FOUND);
  inference::ModelInferRequest other = Zeros("m", 4);
  other.mutable_inputs(0)->set_name("z");
  EXPECT_EQ(client.Ask("ModelInfer", other, &response).error_code(), StatusCode::INVALID_ARGUMENT);
  grpc::ClientContext pinned;
  pinned.AddMetadata("x-model-version", "2");
  EXPECT_EQ(client.Ask("ModelInfer", Zeros("m", 4), &response, &pinned).error_code(), StatusCode::NOT_FOUND);
  grpc::ClientContext named;
  named.AddMetadata("x-model-version", "1");
  EXPECT_TRUE(client.Ask("ModelInfer", Zeros("m", 4), &response, &named).ok()) << "the first run";
  const grpc::Status status = client.Ask("ModelInfer", Zeros("m", 4), &response);
  EXPECT_EQ(status.error_code(), StatusCode::INTERNAL);
  EXPECT_THAT(status.error_message(), HasSubstr("stumbled"));
  EXPECT_TRUE(client.Ask("ModelInfer", Zeros("m", 4), &response).ok()) << "the third";
}

TEST_F(GrpcServing, EveryAnswerNamesItsVersion) {
  Serve(Add(3));
  grpc::ClientContext context;
  ModelInferResponse response;
  ASSERT_TRUE(GrpcCaller(address_).Ask("ModelInfer", Zeros("m", 4), &response, &context).ok());
  const auto& metadata = context.GetServerInitialMetadata();
  ASSERT_EQ(metadata.count("x-model-version"), 1U);
  EXPECT_EQ(metadata.find("x-model-version")->second, "1");
}

TEST_F(GrpcServing, ADeadlineThatPassesInTheQueueSavesTheRun) {
  Serve(Slow(300'000), "", ", executions: 1");
  std::thread first([this] {
    ModelInferResponse response;
    EXPECT_TRUE(GrpcCaller(address_).Ask("ModelInfer", Zeros("m", 4), &response).ok());
  });
  const GrpcCaller client(address_);
  // Once the first runs, so that this one waits behind it.
  std::this_thread::sleep_for(milliseconds(100));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + milliseconds(50));
  ModelInferResponse response;
  EXPECT_EQ(client.Ask("ModelInfer", Zeros("m", 4), &response, &context).error_code(), StatusCode::DEADLINE_EXCEEDED);
  first.join();
  EXPECT_TRUE(Drained());
  EXPECT_EQ(Statistic("execution_count"), "1");
}

TEST_F(GrpcServing, WhatIsCancelledInTheQueueIsNotRun) {
  Serve(Slow(300'000), "", ", executions: 1");
  std::thread first([this] {
    ModelInferResponse response;
    EXPECT_TRUE(GrpcCaller(address_).Ask("ModelInfer", Zeros("m", 4), &response).ok());
  });
  std::this_thread::sleep_for(milliseconds(100));
  grpc::ClientContext context;
  std::thread second([&] {
    ModelInferResponse response;
    EXPECT_EQ(GrpcCaller(address_).Ask("ModelInfer", Zeros("m", 4), &response, &context).error_code(),
              StatusCode::CANCELLED);
  });
  std::this_thread::sleep_for(milliseconds(50));
  context.TryCancel();
  second.join();
  first.join();
  EXPECT_TRUE(Drained());
  EXPECT_EQ(Statistic("execution_count"), "1");
}

TEST_F(GrpcServing, AStreamAnswersInTheOrderOfItsRequests) {
  // Of many sizes, on several executions: some overtake others.
  Serve(kOpen, "", ", inline: never");
  grpc::ClientContext context;
  const auto stream = GrpcCaller(address_).Open(&context);
  constexpr int kCount = 200;
  std::thread writer([&] {
    for (int i = 0; i < kCount; ++i) {
      const auto request = i == 7 ? Zeros("nothing", 4, "7") : Zeros("m", 1 + (i * 37) % 5000, std::to_string(i));
      EXPECT_TRUE(stream->Write(BufferOf(request.SerializeAsString())));
    }
    stream->WritesDone();
  });
  for (int i = 0; i < kCount; ++i) {
    grpc::ByteBuffer buffer;
    ASSERT_TRUE(stream->Read(&buffer)) << i;
    ModelStreamInferResponse answer;
    ASSERT_TRUE(answer.ParseFromString(BytesOf(buffer)));
    EXPECT_EQ(answer.infer_response().id(), std::to_string(i));
    EXPECT_EQ(answer.error_message().empty(), i != 7) << answer.error_message();
    EXPECT_EQ(FirstOf(answer.infer_response()), i == 7 ? -1 : 1);
  }
  grpc::ByteBuffer more;
  EXPECT_FALSE(stream->Read(&more));
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(GrpcServing, AStreamThatAsksForStatusesEndsWithTheFirst) {
  Serve(Add(3));
  grpc::ClientContext context;
  context.AddMetadata("triton_grpc_error", "true");
  const auto stream = GrpcCaller(address_).Open(&context);
  stream->Write(BufferOf(Zeros("nothing", 4).SerializeAsString()));
  grpc::ByteBuffer buffer;
  EXPECT_FALSE(stream->Read(&buffer));
  EXPECT_EQ(stream->Finish().error_code(), StatusCode::NOT_FOUND);
}

TEST_F(GrpcServing, AReaderThatIsSlowHoldsNoMoreThanTheLimit) {
  Serve(kOpen, "limits: {grpc_stream_requests_max: 2}\n");
  grpc::ClientContext context;
  const auto stream = GrpcCaller(address_).Open(&context);
  constexpr int kCount = 60;
  constexpr int64_t kElements = 100'000;
  std::atomic<int> written{0};
  std::thread writer([&] {
    for (int i = 0; i < kCount; ++i) {
      EXPECT_TRUE(stream->Write(BufferOf(Zeros("m", kElements, std::to_string(i)).SerializeAsString())));
      ++written;
    }
    stream->WritesDone();
  });
  // Nobody reads: buffers on the way take what they can, and then nothing moves any more.
  int before = -1;
  while (std::exchange(before, written.load()) != written) std::this_thread::sleep_for(milliseconds(300));
  EXPECT_LT(written, kCount);
  for (int i = 0; i < kCount; ++i) {
    grpc::ByteBuffer buffer;
    ASSERT_TRUE(stream->Read(&buffer));
    ModelStreamInferResponse answer;
    ASSERT_TRUE(answer.ParseFromString(BytesOf(buffer)));
    EXPECT_EQ(answer.infer_response().id(), std::to_string(i));
  }
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
}

class GrpcThreads : public GrpcServing, public ::testing::WithParamInterface<int> {};

INSTANTIATE_TEST_SUITE_P(OneAndSeveral, GrpcThreads, ::testing::Values(1, 3));

TEST_P(GrpcThreads, CancelledAnywhereNothingIsLeft) {
  Serve(Slow(200), fmt::format("http_threads: {}\n", GetParam()), ", executions: 2, inline: never");
  std::vector<std::thread> callers;
  for (unsigned seed = 0; seed < 4; ++seed) {
    callers.emplace_back([this, seed] {
      std::mt19937 random(seed);
      const GrpcCaller client(address_);
      for (int round = 0; round < 40; ++round) {
        grpc::ClientContext context;
        const auto stream = client.Open(&context);
        const auto writes = random() % 6;
        for (auto i = writes; i > 0; --i) stream->Write(BufferOf(Zeros("m", 64).SerializeAsString()));
        grpc::ByteBuffer buffer;
        for (auto i = random() % (1 + writes); i > 0 && stream->Read(&buffer); --i) {
        }
        if (random() % 2 == 0) std::this_thread::sleep_for(std::chrono::microseconds(random() % 500));
        context.TryCancel();
        EXPECT_EQ(stream->Finish().error_code(), StatusCode::CANCELLED);
        grpc::ClientContext hasty;
        hasty.set_deadline(std::chrono::system_clock::now() + std::chrono::microseconds(random() % 2000));
        ModelInferResponse response;
        (void)client.Ask("ModelInfer", Zeros("m", 4), &response, &hasty);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  ModelInferResponse response;
  EXPECT_TRUE(GrpcCaller(address_).Ask("ModelInfer", Zeros("m", 4), &response).ok());
  EXPECT_TRUE(Drained());
}

TEST_F(GrpcServing, AMessageBeyondTheLimitIsRefused) {
  Serve(kOpen, "limits: {grpc_message_bytes_max: 4096}\n");
  const GrpcCaller client(address_);
  ModelInferResponse response;
  EXPECT_TRUE(client.Ask("ModelInfer", Zeros("m", 900), &response).ok());
  EXPECT_EQ(client.Ask("ModelInfer", Zeros("m", 1100), &response).error_code(), StatusCode::RESOURCE_EXHAUSTED);
  grpc::ClientContext compressed;
  compressed.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  EXPECT_EQ(client.Ask("ModelInfer", Zeros("m", 10'000'000), &response, &compressed).error_code(),
            StatusCode::RESOURCE_EXHAUSTED)
      << "small as it comes, large once it is decompressed";
}

TEST_F(GrpcServing, WithoutTheRightKeyNothingIsAnswered) {
  Put("keys.yaml", "infer: [a-key-that-infers-1]\nread: [a-key-that-reads-11]\n");
  fs::permissions(root_ / "keys.yaml", fs::perms::owner_read);
  Serve(Add(3), "keys_file: keys.yaml\n");
  const GrpcCaller client(address_);
  const auto infer = [&](std::vector<std::string> keys) {
    grpc::ClientContext context;
    for (const std::string& key : keys) context.AddMetadata("x-api-key", key);
    ModelInferResponse response;
    return client.Ask("ModelInfer", Zeros("m", 4), &response, &context).error_code();
  };
  EXPECT_EQ(infer({}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(infer({"a-key-that-reads-11"}), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(infer({"a-key-of-nobody-111"}), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(infer({"a-key-that-infers-1"}), StatusCode::OK);
  EXPECT_EQ(infer({" a-key-that-infers-1"}), StatusCode::OK) << "as clients send it that keep a header's blank";
  EXPECT_NE(infer({"a-key-that-infers-1", "a-key-of-nobody-111"}), StatusCode::OK) << "which one is meant?";

  inference::ServerMetadataResponse metadata;
  grpc::ClientContext reading;
  reading.AddMetadata("authorization", "Bearer a-key-that-reads-11");
  EXPECT_TRUE(client.Ask("ServerMetadata", inference::ServerMetadataRequest(), &metadata, &reading).ok());
  EXPECT_EQ(client.Ask("ServerMetadata", inference::ServerMetadataRequest(), &metadata).error_code(),
            StatusCode::UNAUTHENTICATED);
  inference::ServerReadyResponse ready;
  EXPECT_TRUE(client.Ask("ServerReady", inference::ServerReadyRequest(), &ready).ok()) << "probes have no key";

  grpc::ClientContext streaming;
  const auto stream = client.Open(&streaming);
  grpc::ByteBuffer buffer;
  EXPECT_FALSE(stream->Read(&buffer));
  EXPECT_EQ(stream->Finish().error_code(), StatusCode::UNAUTHENTICATED);
}

// The traceparents of an answer's metadata.
std::vector<std::string> TracesOf(const grpc::ClientContext& context) {
  std::vector<std::string> traces;
  const auto [begin, end] = context.GetServerInitialMetadata().equal_range("traceparent");
  for (auto each = begin; each != end; ++each) traces.emplace_back(each->second.data(), each->second.size());
  return traces;
}

constexpr std::string_view kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kParent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

// Of that trace, with a span of the server's own.
auto IsAnswerTo(std::string_view trace) {
  return ::testing::AllOf(::testing::StartsWith(fmt::format("00-{}-", trace)), ::testing::SizeIs(55),
                          ::testing::Not(HasSubstr("00f067aa0ba902b7")));
}

TEST_F(GrpcServing, ATraceIsAnswered) {
  Serve(Add(3));
  const GrpcCaller client(address_);
  for (const char* model : {"m", "nothing"}) {
    grpc::ClientContext traced;
    traced.AddMetadata("traceparent", kParent);
    ModelInferResponse response;
    (void)client.Ask("ModelInfer", Zeros(model, 4), &response, &traced);
    EXPECT_THAT(TracesOf(traced), ::testing::ElementsAre(IsAnswerTo(kTrace))) << model;
    grpc::ClientContext plain;
    (void)client.Ask("ModelInfer", Zeros(model, 4), &response, &plain);
    EXPECT_THAT(TracesOf(plain), ::testing::IsEmpty()) << "nobody asks for one";
  }
  grpc::ClientContext twice;
  twice.AddMetadata("traceparent", kParent);
  twice.AddMetadata("traceparent", kParent);
  inference::ServerLiveResponse live;
  EXPECT_TRUE(client.Ask("ServerLive", inference::ServerLiveRequest(), &live, &twice).ok());
  EXPECT_THAT(TracesOf(twice), ::testing::ElementsAre(::testing::Not(HasSubstr(std::string(kTrace))))) << "which one?";
}

TEST_F(GrpcServing, WhatIsLoggedIsOfOneTraceAndSaysSo) {
  Serve(Add(3), "access_log: log.jsonl\n");
  const auto lines = [&] {
    std::ifstream file(root_ / "log.jsonl");
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const auto count = [&](std::string_view part) {
    const std::string text = lines();
    int found = 0;
    for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++found;
    return found;
  };
  const GrpcCaller client(address_);
  grpc::ClientContext plain;
  ModelInferResponse response;
  EXPECT_TRUE(client.Ask("ModelInfer", Zeros("m", 4), &response, &plain).ok());
  ASSERT_EQ(TracesOf(plain).size(), 1U);
  const std::string trace = TracesOf(plain)[0].substr(3, 32);
  EXPECT_TRUE(WaitUntil([&] { return count(fmt::format("\"trace_id\":\"{}\"", trace)) == 1; })) << lines();
  grpc::ClientContext streaming;
  const auto stream = client.Open(&streaming);
  for (const char* model : {"m", "nothing", "m"}) {
    EXPECT_TRUE(stream->Write(BufferOf(Zeros(model, 4).SerializeAsString())));
    grpc::ByteBuffer buffer;
    EXPECT_TRUE(stream->Read(&buffer));
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  ASSERT_EQ(TracesOf(streaming).size(), 1U);
  const std::string shared = TracesOf(streaming)[0].substr(3, 32);
  EXPECT_NE(shared, trace);
  EXPECT_TRUE(WaitUntil([&] { return count(fmt::format("\"trace_id\":\"{}\"", shared)) == 3; })) << lines();
}

TEST_F(GrpcServing, AnswersAreCountedByCode) {
  Put("keys.yaml", "infer: [a-key-that-infers-1]\nread: [a-key-that-reads-11]\n");
  fs::permissions(root_ / "keys.yaml", fs::perms::owner_read);
  Serve(Add(3), "keys_file: keys.yaml\n");
  const auto counts = [&] {
    const std::string text =
        Ask(*server_->address(), "GET /metrics HTTP/1.1\r\nHost: t\r\nx-api-key: a-key-that-reads-11\r\n\r\n").body;
    std::map<std::string, std::string> found;
    constexpr std::string_view kName = "\noarlock_grpc_requests_total{code=\"";
    for (size_t at = 0; (at = text.find(kName, at)) != std::string::npos; ++at) {
      const size_t code = at + kName.size();
      const size_t end = text.find("\"} ", code);
      found[text.substr(code, end - code)] = text.substr(end + 3, text.find('\n', end) - end - 3);
    }
    return found;
  };
  EXPECT_THAT(counts(), ::testing::IsEmpty());
  const GrpcCaller client(address_);
  const auto infer = [&](const char* model, const char* key) {
    grpc::ClientContext context;
    if (key != nullptr) context.AddMetadata("x-api-key", key);
    ModelInferResponse response;
    (void)client.Ask("ModelInfer", Zeros(model, 4), &response, &context);
  };
  infer("m", "a-key-that-infers-1");
  infer("nothing", "a-key-that-infers-1");
  infer("m", nullptr);
  grpc::ClientContext streaming;
  streaming.AddMetadata("x-api-key", "a-key-that-infers-1");
  const auto stream = client.Open(&streaming);
  for (const char* model : {"m", "nothing", "m", "nothing"}) {
    EXPECT_TRUE(stream->Write(BufferOf(Zeros(model, 4).SerializeAsString())));
    grpc::ByteBuffer buffer;
    EXPECT_TRUE(stream->Read(&buffer));
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  const std::map<std::string, std::string> wanted = {{"OK", "3"}, {"NOT_FOUND", "3"}, {"UNAUTHENTICATED", "1"}};
  EXPECT_EQ(counts(), wanted);
}

class GrpcServingTls : public GrpcServing {
 protected:
  // A certificate for this machine, new each time.
  void Issue() {
    const std::string command = fmt::format(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=a -addext "
        "subjectAltName=IP:127.0.0.1 -keyout '{0}/tls.key' -out '{0}/tls.crt' 2>/dev/null",
        root_.string());
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  void ServeTls(std::string_view script, std::string_view settings = "") {
    Issue();
    Serve(script, fmt::format("grpc: 127.0.0.1:0\ntls_cert: tls.crt\ntls_key: tls.key\n{}", settings));
  }
  // A client that trusts the certificate that there is now.
  GrpcCaller Client() const {
    std::ifstream file(root_ / "tls.crt");
    const std::string cert(std::istreambuf_iterator<char>(file), {});
    return GrpcCaller(address_, grpc::SslCredentials({cert, "", ""}));
  }
  static StatusCode Infer(const GrpcCaller& client) {
    ModelInferResponse response;
    const grpc::Status status = client.Ask("ModelInfer", Zeros("m", 4), &response);
    EXPECT_EQ(FirstOf(response), status.ok() ? 3 : -1);
    return status.error_code();
  }
};

TEST_F(GrpcServingTls, CallsAreAnsweredAndLoggedWithWhoAsked) {
  ServeTls(Add(3), "access_log: log.jsonl\n");
  EXPECT_EQ(Infer(Client()), StatusCode::OK);
  EXPECT_TRUE(WaitUntil([&] {
    std::ifstream file(root_ / "log.jsonl");
    const std::string text(std::istreambuf_iterator<char>(file), {});
    return text.find("\"client\":\"127.0.0.1:") != std::string::npos;
  }));
  ModelInferResponse response;
  EXPECT_EQ(GrpcCaller(address_).Ask("ModelInfer", Zeros("m", 4), &response).error_code(), StatusCode::UNAVAILABLE)
      << "in the clear";
}

TEST_F(GrpcServingTls, WhoConnectsAfterAReloadSeesTheNewCertificate) {
  ServeTls(Add(3));
  const GrpcCaller before = Client();
  EXPECT_EQ(Infer(before), StatusCode::OK);
  for (int round = 0; round < 3; ++round) {
    const GrpcCaller old = Client();
    Issue();
    EXPECT_EQ(Infer(Client()), StatusCode::UNAVAILABLE) << "it trusts what nobody shows yet";
    EXPECT_TRUE(server_->Reload().ok());
    EXPECT_EQ(Infer(Client()), StatusCode::OK);
    EXPECT_EQ(Infer(old), StatusCode::UNAVAILABLE) << "it had no connection yet";
    EXPECT_EQ(Infer(before), StatusCode::OK) << "on the connection that it has";
  }
}

TEST_F(GrpcServingTls, ConnectionsCountAsThoseInTheClear) {
  ServeTls(Add(3), "limits: {http_connections_max: 2}\nunix: s\n");
  auto first = std::make_unique<GrpcCaller>(Client());
  const GrpcCaller second = Client();
  EXPECT_EQ(Infer(*first), StatusCode::OK);
  EXPECT_EQ(Infer(second), StatusCode::OK);
  EXPECT_EQ(Infer(Client()), StatusCode::UNAVAILABLE) << "a third is closed";
  EXPECT_EQ(Infer(second), StatusCode::OK);
  first.reset();
  EXPECT_TRUE(WaitUntil([&] { return Infer(Client()) == StatusCode::OK; }));
}

TEST_F(GrpcServingTls, WhoDoesNotGreetIsLeft) {
  ServeTls(Add(3), "limits: {http_header_timeout_ms: 50}\n");
  Conversation silent(address_);
  EXPECT_EQ(silent.ReadToTheEnd(), "");
  Conversation slow(address_);
  slow.Send("\x16\x03\x01");
  EXPECT_EQ(slow.ReadToTheEnd(), "");
}

TEST_F(GrpcServing, HealthIsWatched) {
  using grpc::health::v1::HealthCheckResponse;
  Serve(Add(3));
  const GrpcCaller client(address_);
  grpc::ClientContext context;
  std::string bytes;
  ASSERT_TRUE(client.Call("/grpc.health.v1.Health/Check", &context, "", &bytes).ok());
  HealthCheckResponse health;
  ASSERT_TRUE(health.ParseFromString(bytes));
  EXPECT_EQ(health.status(), HealthCheckResponse::SERVING);
  grpc::ClientContext unknown;
  EXPECT_EQ(client.Call("/grpc.health.v1.Health/Check", &unknown, "\x0a\x01z", &bytes).error_code(),
            StatusCode::NOT_FOUND);

  grpc::ClientContext watching;
  const auto watch = client.Open(&watching, "/grpc.health.v1.Health/Watch");
  watch->Write(BufferOf(""));
  watch->WritesDone();
  const auto next = [&watch] {
    grpc::ByteBuffer buffer;
    HealthCheckResponse told;
    EXPECT_TRUE(watch->Read(&buffer) && told.ParseFromString(BytesOf(buffer)));
    return told.status();
  };
  EXPECT_EQ(next(), HealthCheckResponse::SERVING);
  EXPECT_TRUE(Drained());
  EXPECT_EQ(next(), HealthCheckResponse::NOT_SERVING);
  server_.reset();
  grpc::ByteBuffer buffer;
  EXPECT_FALSE(watch->Read(&buffer));
  EXPECT_EQ(watch->Finish().error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(GrpcServing, WhatIsUnderWayIsAnsweredBeforeTheEnd) {
  Serve(Slow(200'000));
  std::thread caller([this] {
    ModelInferResponse response;
    const grpc::Status status = GrpcCaller(address_).Ask("ModelInfer", Zeros("m", 4), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(FirstOf(response), 1);
  });
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_TRUE(Drained());
  ModelInferResponse response;
  EXPECT_EQ(GrpcCaller(address_).Ask("ModelInfer", Zeros("m", 4), &response).error_code(), StatusCode::UNAVAILABLE);
  caller.join();
}

TEST_F(GrpcServing, StoppedWithCallsUnderWayItEnds) {
  Serve(Slow(200'000), "", ", executions: 1");
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([this] {
      ModelInferResponse response;
      (void)GrpcCaller(address_).Ask("ModelInfer", Zeros("m", 4), &response);
    });
  }
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_TRUE(server_->Stop().ok());
  for (std::thread& caller : callers) caller.join();
}

TEST_F(GrpcServing, ConnectionsOfBothProtocolsCountTogether) {
  Serve(Add(3), "limits: {http_connections_max: 2}\n");
  ModelInferResponse response;
  auto first = std::make_unique<GrpcCaller>(address_);
  const GrpcCaller second(address_);
  EXPECT_TRUE(first->Ask("ModelInfer", Zeros("m", 4), &response).ok());
  EXPECT_TRUE(second.Ask("ModelInfer", Zeros("m", 4), &response).ok());
  EXPECT_EQ(StatusOf(address_, "/v2"), 503);
  first.reset();
  EXPECT_TRUE(WaitUntil([&] { return StatusOf(address_, "/v2") == 200; }));
}

}  // namespace
}  // namespace oarlock

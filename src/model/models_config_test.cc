#include "model/models_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/config_schema.h"
#include "base/rounds_test.h"
#include "model/scratch_model_test.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

absl::StatusOr<ModelsConfig> Parse(std::string_view text) {
  return ParseModelsConfig(text, "/etc/oarlock/models.yaml");
}

std::string Refusal(std::string_view text) {
  const auto config = ParseModelsConfig(text, "models.yaml");
  if (config.ok()) return "";
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument) << config.status();
  return std::string(MessageOf(config.status()));
}

TEST(ModelsConfig, EveryKeyIsTaken) {
  const auto config = Parse(R"(schema: 1
http: "[::1]:9000"
http_threads: 3
engine_path: engines
cache_dir: kept
keys_file: keys.yaml
access_log: /var/log/oarlock.jsonl
limits:
  http_body_bytes_max: 1000
  json_depth_max: 4
models:
  - {name: first, path: a, engine: openvino, importer: oarlock, precision: bf16, executions: 2, threads: 4}
  - path: /srv/b.onnx
    precision: f16
)");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->http, "[::1]:9000");
  EXPECT_EQ(config->http_threads, 3);
  EXPECT_EQ(config->engine_path, "/etc/oarlock/engines");
  EXPECT_EQ(config->cache_dir, "/etc/oarlock/kept");
  EXPECT_EQ(config->keys_file, "/etc/oarlock/keys.yaml");
  EXPECT_EQ(config->access_log, "/var/log/oarlock.jsonl");
  EXPECT_EQ(config->limits.http_body_bytes_max, 1000);
  EXPECT_EQ(config->limits.json_depth_max, 4);
  ASSERT_THAT(config->models, SizeIs(2));
  const ModelConfig& first = config->models[0];
  EXPECT_EQ(first.name, "first");
  EXPECT_EQ(first.path, "/etc/oarlock/a");
  EXPECT_EQ(first.engine, "openvino");
  EXPECT_EQ(first.importer, ImporterChoice::kOarlock);
  EXPECT_EQ(first.cache_dir, "/etc/oarlock/kept");
  EXPECT_EQ(first.precision, Precision::kBF16);
  EXPECT_EQ(first.executions, 2);
  EXPECT_EQ(first.threads, 4);
  EXPECT_EQ(config->models[1].path, "/srv/b.onnx");
  EXPECT_EQ(config->models[1].precision, Precision::kF16);
}

TEST(ModelsConfig, HttpPortMeansAllInterfaces) {
  EXPECT_EQ(Parse("{schema: 1, http_port: 8000, models: []}")->http, "0.0.0.0:8000");
  EXPECT_EQ(Parse("{schema: 1, http_port: 0, models: []}")->http, "0.0.0.0:0");
  EXPECT_EQ(Parse("{schema: 1, http_port: 0, http: '127.0.0.1:0', models: []}").status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ModelsConfig, GrpcIsWhereHttpIsUnlessItSaysOtherwise) {
  EXPECT_EQ(Parse("{schema: 1, models: []}")->grpc, "");
  EXPECT_EQ(Parse("{schema: 1, grpc: none, models: []}")->grpc, "none");
  EXPECT_EQ(Parse("{schema: 1, grpc_port: 9000, models: []}")->grpc, "0.0.0.0:9000");
  EXPECT_EQ(Parse("{schema: 1, grpc_port: 0, grpc: '127.0.0.1:0', models: []}").status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ModelsConfig, TlsNeedsAnAddressForEachProtocolAndBothFiles) {
  const auto check = [](std::string_view grpc, TlsFiles tls) {
    ModelsConfig config;
    config.grpc = grpc;
    config.tls = std::move(tls);
    return CheckListening(config);
  };
  EXPECT_TRUE(check("", {}).ok());
  EXPECT_TRUE(check("127.0.0.1:9000", {"c", "k", ""}).ok());
  EXPECT_TRUE(check("none", {"c", "k", "a"}).ok());
  EXPECT_THAT(std::string(MessageOf(check("", {"c", "k", ""}))), HasSubstr("--grpc ADDR:PORT"));
  EXPECT_THAT(std::string(MessageOf(check("unix:/s", {"c", "k", ""}))), HasSubstr("'unix:/s' is a Unix socket"));
  EXPECT_THAT(std::string(MessageOf(check("none", {"c", "", ""}))), HasSubstr("only one is given"));
  EXPECT_THAT(std::string(MessageOf(check("none", {"", "", "a"}))), HasSubstr("without tls_cert"));
}

TEST(ModelsConfig, DefaultsAreThoseOfTheTable) {
  const auto config = Parse("{schema: 1, models: [{path: a}]}");
  ASSERT_TRUE(config.ok()) << config.status();
  const ModelConfig& model = config->models[0];
  const std::map<std::string, std::string> defaults = {
      {"models.http", config->http},
      {"models.grpc", config->grpc},
      {"models.unix", config->unix_path.string()},
      {"models.tls_cert", config->tls.cert.string()},
      {"models.tls_key", config->tls.key.string()},
      {"models.tls_client_ca", config->tls.client_ca.string()},
      {"models.http_threads", fmt::format("{}", config->http_threads)},
      {"models.engine_path", config->engine_path.string()},
      {"models.cache_dir", config->cache_dir.string()},
      {"model.name", model.name},
      {"model.importer", std::string(NameOf(model.importer))},
      {"model.engine", model.engine},
      {"model.precision", std::string(NameOf(model.precision))},
      {"model.weights", std::string(NameOf(model.weights))},
      {"model.executions", fmt::format("{}", model.executions)},
      {"model.inline", model.inline_runs ? "auto" : "never"},
      {"model.threads", fmt::format("{}", model.threads)},
      {"model.versions", model.all_versions ? "all" : "latest"},
      {"models.thread_budget", fmt::format("{}", config->thread_budget)},
      {"models.keys_file", config->keys_file.string()},
      {"models.access_log", config->access_log.string()},
      {"models.watch_ms", fmt::format("{}", config->watch_ms)},
      {"models.model_control", config->model_control ? "explicit" : "none"},
      {"models.allow_client_shm", fmt::format("{}", config->allow_client_shm)},
  };
  for (const ConfigRow& row : ConfigRows()) {
    if ((row.scope != "models" && row.scope != "model") || row.type == "object" || row.type == "list") continue;
    // Required, or another spelling of `http` or `grpc`.
    if (row.key == "schema" || row.key == "path" || row.key.ends_with("_port")) continue;
    const std::string key = fmt::format("{}.{}", row.scope, row.key);
    ASSERT_TRUE(defaults.contains(key)) << key << " is new: say here what it is by default";
    EXPECT_EQ(defaults.at(key), row.value) << key;
  }
  for (const LimitRow& row : LimitRows()) EXPECT_EQ(config->limits.*row.field, row.value) << row.name;
}

TEST(ModelsConfig, AWrongTypeIsRefusedForEveryKey) {
  const std::map<std::string_view, std::vector<std::string>> wrong = {
      {"string", {"[x]", "{a: b}", "~"}},
      {"path", {"[x]", "{a: b}", "~"}},
      {"object", {"5", "[1]", "~"}},
      {"list", {"5", "{path: a}", "[a]", "[[]]", "~"}},
      {"integer", {"word", "1.5", "-1", "9999999", "[1]", "~"}},
      {"f32|bf16|f16", {"f64", "F32", "[]", "~"}},
      {"auto|oarlock|engine", {"openvino", "Auto", "[]", "~"}},
      {"auto|never", {"always", "Auto", "[]", "~"}},
      {"packed|shared", {"mapped", "Packed", "[]", "~"}},
      {"boolean", {"yes", "1", "[]", "~"}},
      {"none|explicit", {"poll", "None", "[]", "~"}},
      {"latest|all", {"newest", "All", "[]", "~"}},
  };
  int tried = 0;
  for (const ConfigRow& row : ConfigRows()) {
    if (row.scope != "models" && row.scope != "model") continue;
    for (const std::string& value : wrong.at(row.type)) {
      std::string text;
      if (row.scope == "model") {
        text =
            fmt::format("{{schema: 1, models: [{{{}{}: {}}}]}}", row.key == "path" ? "" : "path: a, ", row.key, value);
      } else {
        text = fmt::format("{{{}{}: {}{}}}", row.key == "schema" ? "" : "schema: 1, ", row.key, value,
                           row.key == "models" ? "" : ", models: []");
      }
      SCOPED_TRACE(text);
      EXPECT_THAT(Refusal(text), StartsWith("models.yaml:1:"));
      EXPECT_THAT(Refusal(text), HasSubstr(fmt::format("'{}' ", row.key)));
      ++tried;
    }
  }
  EXPECT_GT(tried, 40);
}

TEST(ModelsConfig, RefusalsHaveAPlaceAndAWayOut) {
  EXPECT_EQ(Refusal("models: []\n"),
            "models.yaml:1:1: 'schema: 1' is missing; it says which version of the format this is");
  EXPECT_EQ(Refusal("schema: 1\n"), "models.yaml:1:1: 'models' is missing; it lists the models to serve");
  EXPECT_EQ(Refusal("schema: 1\nmodel: []\n"), "models.yaml:2:1: unknown key 'model'; did you mean 'models'?");
  EXPECT_EQ(Refusal("schema: 1\nmodels:\n  - path: a\n    thread: 2\n"),
            "models.yaml:4:5: unknown key 'thread'; did you mean 'threads'?");
  EXPECT_EQ(Refusal("schema: 1\nmodels:\n  - name: a\n"),
            "models.yaml:3:5: 'path' is missing; it names the model's file or directory");
  EXPECT_EQ(Refusal("schema: 1\nmodels:\n  - path: a\n    name: a/b\n"),
            "models.yaml:4:11: model name 'a/b' must be 1 to 512 bytes of UTF-8 without '/' and control characters, "
            "and not '.' or "
            "'..'");
  EXPECT_EQ(Refusal("schema: 1\nmodels:\n  - path: a\n    executions: 65\n"),
            "models.yaml:4:17: 'executions' is '65'; it must be an integer from 0 to 64");
}

TEST(ModelsConfig, TheAccessLogMayBeStandardOutputAndKeysMayNot) {
  const auto config = Parse("{schema: 1, access_log: '-', keys_file: '-', models: []}");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->access_log, "-");
  EXPECT_EQ(config->keys_file, "/etc/oarlock/-");
}

TEST(ModelsConfig, AnEmptyPathTurnsNothingOffUnseen) {
  EXPECT_EQ(Refusal("schema: 1\nkeys_file: ''\nmodels: []\n"),
            "models.yaml:2:12: 'keys_file' is empty; it must name a file");
  EXPECT_EQ(Refusal("schema: 1\naccess_log: ''\nmodels: []\n"),
            "models.yaml:2:13: 'access_log' is empty; it must name a file");
}

TEST(ModelsConfig, LimitsAreCheckedAtTheirPlace) {
  EXPECT_EQ(Refusal("schema: 1\nmodels: []\nlimits:\n  json_depth_max: 5\n  http_body_byte_max: 5\n"),
            "models.yaml:5:3: unknown limit 'http_body_byte_max'; did you mean 'http_body_bytes_max'?");
  EXPECT_EQ(Refusal("schema: 1\nmodels: []\nlimits:\n  name_bytes_max: 99\n  json_depth_max: 3\n"),
            "models.yaml:5:3: limit 'json_depth_max' is 3; it must be from 4 to 1024");
  EXPECT_EQ(Refusal("schema: 1\nmodels: []\nlimits:\n  json_depth_max: many\n"),
            "models.yaml:4:19: 'limits.json_depth_max' is 'many'; it must be an integer");
  EXPECT_EQ(Refusal("schema: 1\nmodels: []\nlimits:\n  json_depth_max: 5\n  json_depth_max: 6\n"),
            "models.yaml:5:3: key 'json_depth_max' stands twice");
  EXPECT_EQ(Refusal("schema: 1\nmodels: []\nlimits:\n  [a]: 6\n"), "models.yaml:4:3: a key must be a word");
}

TEST(ModelsConfig, ALimitGovernsTheRestOfTheFile) {
  EXPECT_EQ(Refusal("{schema: 1, limits: {executions_max: 100}, models: [{path: a, executions: 100}]}"), "");
  EXPECT_THAT(Refusal("{schema: 1, limits: {executions_max: 2}, models: [{path: a, executions: 3}]}"),
              HasSubstr("'executions' is '3'; it must be an integer from 0 to 2"));
}

TEST(Limits, EveryOneHasItsRange) {
  for (const LimitRow& row : LimitRows()) {
    SCOPED_TRACE(row.name);
    Limits limits;
    for (int64_t value : {row.smallest, row.largest}) {
      ASSERT_TRUE(SetLimit(row.name, value, &limits).ok());
      EXPECT_EQ(limits.*row.field, value);
    }
    const absl::Status low = SetLimit(row.name, row.smallest - 1, &limits);
    EXPECT_EQ(MessageOf(low), fmt::format("limit '{}' is {}; it must be from {} to {}", row.name, row.smallest - 1,
                                          row.smallest, row.largest));
    EXPECT_FALSE(SetLimit(row.name, row.largest + 1, &limits).ok());
    EXPECT_EQ(limits.*row.field, row.largest);
    EXPECT_TRUE(row.smallest <= row.value && row.value <= row.largest);
  }
}

TEST(ModelsConfig, PrintsWhatReadsBack) {
  ModelsConfig config;
  config.http = "0.0.0.0:1";
  config.grpc = "none";
  config.unix_path = "/run/a b.sock";
  config.tls = {"/c", "/k", "/a"};
  config.http_threads = 5;
  config.model_control = true;
  config.allow_client_shm = true;
  config.engine_path = "some/engines";  // relative to the working directory, not to where the print will lie
  config.limits.json_depth_max = 17;
  config.cache_dir = "/var/cache/a b";
  ModelConfig& first = config.models.emplace_back();
  first.name = "name \"quoted\": #1";
  first.path = "rel/../a b";
  first.engine = "openvino";
  first.importer = ImporterChoice::kEngine;
  first.precision = Precision::kBF16;
  first.weights = Weights::kShared;
  first.executions = 3;
  first.threads = 2;
  first.inline_runs = false;
  config.models.emplace_back().path = "/abs/é";
  const std::string text = PrintModelsConfig(config);
  const auto back = ParseModelsConfig(text, "/elsewhere/models.yaml");
  ASSERT_TRUE(back.ok()) << back.status() << "\n" << text;
  EXPECT_EQ(back->http, config.http);
  EXPECT_EQ(back->grpc, config.grpc);
  EXPECT_EQ(back->unix_path, config.unix_path);
  EXPECT_EQ(back->tls, config.tls);
  EXPECT_EQ(back->http_threads, 5);
  EXPECT_TRUE(back->model_control);
  EXPECT_TRUE(back->allow_client_shm);
  EXPECT_EQ(back->engine_path, fs::current_path() / "some/engines");
  for (const LimitRow& row : LimitRows()) EXPECT_EQ(back->limits.*row.field, config.limits.*row.field) << row.name;
  ASSERT_THAT(back->models, SizeIs(2));
  EXPECT_EQ(back->models[0].name, config.models[0].name);
  EXPECT_EQ(back->models[0].path, fs::current_path() / "a b");
  EXPECT_EQ(back->cache_dir, "/var/cache/a b");
  EXPECT_EQ(back->models[0].cache_dir, "/var/cache/a b");
  EXPECT_EQ(back->models[0].engine, "openvino");
  EXPECT_EQ(back->models[0].importer, ImporterChoice::kEngine);
  EXPECT_EQ(back->models[0].precision, Precision::kBF16);
  EXPECT_EQ(back->models[0].weights, Weights::kShared);
  EXPECT_FALSE(back->models[0].inline_runs);
  EXPECT_EQ(back->models[0].executions, 3);
  EXPECT_EQ(back->models[0].threads, 2);
  EXPECT_EQ(back->models[1].name, "");
  EXPECT_EQ(back->models[1].path, "/abs/é");
  EXPECT_EQ(PrintModelsConfig(*back), text);
}

TEST(ModelsConfig, NoModelsPrintToo) {
  const auto back = Parse(PrintModelsConfig(ModelsConfig()));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_THAT(back->models, SizeIs(0));
  EXPECT_EQ(back->engine_path, fs::path());
}

TEST(ModelsConfig, PrecisionNames) {
  EXPECT_EQ(*PrecisionFromName("f32"), Precision::kF32);
  EXPECT_EQ(*PrecisionFromName("bf16"), Precision::kBF16);
  EXPECT_EQ(*PrecisionFromName("f16"), Precision::kF16);
  EXPECT_EQ(MessageOf(PrecisionFromName("int8").status()), "precision 'int8'; it must be f32, bf16 or f16");
}

TEST(ModelsConfig, NoCacheIsSaidByAWord) {
  EXPECT_EQ(Parse("{schema: 1, cache_dir: none, models: []}")->cache_dir, "none");
  ModelsConfig config;
  config.cache_dir = "none";
  EXPECT_EQ(Parse(PrintModelsConfig(config))->cache_dir, "none");
}

TEST(ModelName, IsOneSegmentOfAUrl) {
  Limits limits;
  limits.name_bytes_max = 16;
  for (std::string_view name : {"a", "resnet-50_v1.5", "with space", "..a", "...", "é", "0123456789abcdef"}) {
    EXPECT_TRUE(CheckModelName(name, limits).ok()) << name;
  }
  // Clients fold "." and ".." away before they send a path.
  for (std::string_view name : {"", "a/b", "/", "a\nb", "a\x7F", "0123456789abcdefg", ".", "..", "a\xFF"}) {
    EXPECT_EQ(CheckModelName(name, limits).code(), absl::StatusCode::kInvalidArgument) << name;
  }
  EXPECT_FALSE(CheckModelName(std::string_view("a\0", 2), limits).ok());
  EXPECT_EQ(
      MessageOf(CheckModelName("a\x1B[31m", limits)),
      "model name 'a?[31m' must be 1 to 16 bytes of UTF-8 without '/' and control characters, and not '.' or '..'");
}

using ModelsInTest = ScratchModel;

TEST_F(ModelsInTest, ADirectoryOfModelsGivesEachInOrder) {
  Put("b/net.onnx", "x");
  Put("a/net.fake", "x");
  Put("two/one.onnx", "x");
  Put("two/other.onnx", "x");
  Put("notes/readme.txt", "x");
  Put("readme.txt", "x");
  const auto models = ModelsIn(root_);
  ASSERT_TRUE(models.ok()) << models.status();
  ASSERT_THAT(*models, SizeIs(3));
  EXPECT_EQ((*models)[0].path, root_ / "a");
  EXPECT_EQ((*models)[1].path, root_ / "b");
  EXPECT_EQ((*models)[2].path, root_ / "two");  // refused by name when it is loaded, not left out
  EXPECT_EQ((*models)[0].engine, "auto");
}

TEST_F(ModelsInTest, VersionDirectoriesMakeOneModel) {
  Put("a/1/net.onnx", "x");
  Put("a/2/net.onnx", "x");
  Put("b/net.onnx", "x");
  Put("both/net.onnx", "x");
  Put("both/1/net.onnx", "x");
  Put("empty/1/readme.txt", "x");
  fs::create_directory(root_ / "out");
  fs::create_directory_symlink("../b", root_ / "out/1");
  const auto models = ModelsIn(root_);
  ASSERT_TRUE(models.ok()) << models.status();
  ASSERT_THAT(*models, SizeIs(4));
  EXPECT_EQ((*models)[0].path, root_ / "a");
  EXPECT_EQ((*models)[1].path, root_ / "b");
  EXPECT_EQ((*models)[2].path, root_ / "both");  // refused by name when it is loaded, not left out; so is the next
  EXPECT_EQ((*models)[3].path, root_ / "out");
  const auto versioned = ModelsIn(root_ / "a");
  ASSERT_TRUE(versioned.ok()) << versioned.status();
  ASSERT_THAT(*versioned, SizeIs(1));
  EXPECT_EQ((*versioned)[0].path, root_ / "a");
}

TEST_F(ModelsInTest, ADirectoryThatHoldsAModelIsThatModel) {
  Put("net.onnx", "x");
  Put("below/other.onnx", "x");
  const auto models = ModelsIn(root_);
  ASSERT_TRUE(models.ok()) << models.status();
  ASSERT_THAT(*models, SizeIs(1));
  EXPECT_EQ((*models)[0].path, root_);
}

TEST_F(ModelsInTest, ADirectoryWithoutModelsIsGivenOnToBeRefused) {
  Put("below/deeper/net.onnx", "x");
  const auto models = ModelsIn(root_);
  ASSERT_TRUE(models.ok()) << models.status();
  ASSERT_THAT(*models, SizeIs(1));
  EXPECT_EQ((*models)[0].path, root_);
  EXPECT_EQ(ModelsIn(root_ / "none").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ModelsInTest, ReadsAFile) {
  const auto config = ReadModelsConfig(Put("models.yaml", "schema: 1\nmodels:\n  - path: a\n"));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->models[0].path, root_ / "a");
  EXPECT_EQ(ReadModelsConfig(root_ / "none.yaml").status().code(), absl::StatusCode::kNotFound);
}

TEST(ModelsConfig, MutatedTextIsReadOrRefused) {
  const std::string text = R"(schema: 1   # every key
http: "127.0.0.1:0"
http_threads: 2
engine_path: 'engines'
limits: {http_body_bytes_max: 1000, json_depth_max: 8}
models:
  - path: a/b
    name: c
    engine: openvino
    precision: f32
    executions: 1
    threads: 1
  - {path: "d"}
)";
  ASSERT_EQ(Refusal(text), "");
  std::mt19937 random(20240609);
  int refused = 0;
  for (int round = 0; round < Rounds(3000); ++round) {
    const auto config = ParseModelsConfig(Mutated(text, random), "models.yaml");
    if (config.ok()) continue;
    ++refused;
    EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument) << config.status();
    EXPECT_THAT(std::string(MessageOf(config.status())), StartsWith("models.yaml"));
  }
  EXPECT_GT(refused, 1000);
  EXPECT_LT(refused, 2900);
}

}  // namespace
}  // namespace oarlock

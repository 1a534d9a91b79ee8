// The `oarlock` program: one file per subcommand. Exit codes: 0 done, 1 failed, 2 called wrongly.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "base/codes.h"
#include "base/config_schema.h"
#include "base/nearest.h"
#include "base/status.h"
#include "cli/command.h"
#include "tensor/json_text.h"

namespace oarlock {
namespace {

struct Subcommand {
  std::string_view name;
  std::string_view summary;
  std::string_view example;
  Command (*add)(Flags* flags, const GlobalFlags* global);
};

constexpr Subcommand kSubcommands[] = {
    {"inspect", "Show what a model is: format, identity, inputs, outputs, engine, unsupported operators.",
     "  oarlock inspect examples/waybill/models/waybill\n"
     "  oarlock inspect resnet50.onnx --json",
     RegisterInspect},
    {"run", "Run a model once on arrays, pictures or random values.",
     "  oarlock run examples/waybill/models/waybill --image examples/waybill/test/*.png\n"
     "  oarlock run resnet50.onnx --input data=@image.npy --output-dir out\n"
     "  oarlock run model.pdmodel --random --seed 1",
     RegisterRun},
    {"serve", "Serve models over HTTP and gRPC with the KServe v2 protocol.",
     "  oarlock serve examples/waybill/models/waybill\n"
     "  oarlock serve models/ --http 0.0.0.0:8000      every model in a directory\n"
     "  oarlock serve models.yaml --print-config",
     RegisterServe},
    {"bench", "Measure a model in process, a model on a server, or several side by side.",
     "  oarlock bench resnet50.onnx --duration 20 --output results\n"
     "  oarlock bench model.onnx --against exec:'build/release/bench/raw_onnxruntime model.onnx'\n"
     "  oarlock bench http://127.0.0.1:8080/v2/models/m --concurrency 8 --against http://127.0.0.1:9000/v2/models/m\n"
     "  oarlock bench grpc://127.0.0.1:8080/v2/models/m --concurrency 8\n"
     "  oarlock bench http://127.0.0.1:8080/v2/models/m --rate 2000 --arrivals poisson",
     RegisterBench},
    {"convert", "Write a Paddle model as ONNX.",
     "  oarlock convert inference.json -o model.onnx\n"
     "  oarlock convert models/ocr -o ocr.onnx --opset 16",
     RegisterConvert},
    {"cache", "List, verify or clear the ONNX models that were made from Paddle models.",
     "  oarlock cache list\n"
     "  oarlock cache verify --json\n"
     "  oarlock cache clear",
     RegisterCache},
    {"engines", "List the engines, their versions, and what would install a missing one.", "  oarlock engines --json",
     RegisterEngines},
    {"doctor", "Check the machine, the engines and a model, and say what mends each finding.",
     "  oarlock doctor examples/waybill/models/waybill\n"
     "  oarlock doctor --json                          the machine and the engines only",
     RegisterDoctor},
};

int Fail(const absl::Status& status, bool json) {
  if (json) {
    JsonText text;
    text.StartObject();
    text.Field("error", MessageOf(status));
    text.Field("code", RowOf(status.code()).name);
    text.EndObject();
    fmt::print(stderr, "{}\n", text.text());
  } else {
    fmt::print(stderr, "oarlock: {}\n", MessageOf(status));
  }
  return IsUsageError(status) ? kExitUsage : kExitFailure;
}

// The parser only says that a subcommand is missing; who mistyped one wants to read which.
int FailToParse(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<std::string> rest = app.remaining();
  if (app.get_subcommands().empty() && !rest.empty() && error.get_exit_code() != 0) {
    std::vector<std::string_view> known;
    for (const Subcommand& each : kSubcommands) known.push_back(each.name);
    fmt::print(stderr, "oarlock: there is no '{}'{}\n", Printable(rest.front()), Suggestion(rest.front(), known));
    return kExitUsage;
  }
  return app.exit(error) == 0 ? 0 : kExitUsage;
}

int Main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is a failed write, not the end of the process
  CLI::App app("Oarlock runs PaddlePaddle, ONNX and OpenVINO models natively, in C++, without Python.", "oarlock");
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version", std::string("oarlock ") + OARLOCK_VERSION,
                       FindConfigRow("cli", "version")->doc.data());
  GlobalFlags global;
  Flags global_flags(&app);
  global_flags.Switch("cli", "json", &global.json);
  global_flags.Add("models", "engine_path", &global.engine_path);
  global_flags.Add("models", "cache_dir", &global.cache_dir);
  std::vector<std::pair<CLI::App*, Command>> commands;
  for (const Subcommand& each : kSubcommands) {
    CLI::App* sub = app.add_subcommand(std::string(each.name), std::string(each.summary));
    Flags flags(sub);
    commands.emplace_back(sub, each.add(&flags, &global));
    sub->footer(fmt::format("{}Examples:\n{}", sub->get_footer(), each.example));
  }
  // After the subcommands, which would inherit it.
  app.footer("`oarlock COMMAND --help` shows a command's flags and examples.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return FailToParse(app, error);
  }
  for (const auto& [sub, command] : commands) {
    if (!sub->parsed()) continue;
    const absl::Status status = command();
    return status.ok() ? 0 : Fail(status, global.json);
  }
  return kExitUsage;
}

}  // namespace
}  // namespace oarlock

int main(int argc, char** argv) {
  try {
    return oarlock::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "oarlock: %s\n", error.what());
    return oarlock::kExitFailure;
  }
}

// One model in this process, loaded in two ways and asked in two, in interleaved blocks; prints what `oarlock bench
// --json` does. A way is a list of words:
//   executions=N         0 = one per usable core
//   max_batch_size=N     rows of a batch; 0 = no batching
//   max_delay_us=N       what a request waits for others
//   queued               through queue and batcher, as a server's requests go
//   locked               one caller at a time, behind a mutex
#include <fmt/format.h>

#include <cstdio>
#include <mutex>
#include <sstream>

#include "arguments.h"
#include "base/status.h"
#include "bench/comparison.h"
#include "bench/model_target.h"
#include "bench/report.h"
#include "lone_model.h"

namespace oarlock {
namespace {

struct Way {
  PredictorOptions options;
  bool queued = false;
  bool locked = false;
};

absl::StatusOr<Way> ParseWay(const std::string& text, const std::string& engine) {
  Way way;
  way.options.engine = engine;
  way.options.batching.emplace();
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    const size_t at = word.find('=');
    const std::string name = word.substr(0, at);
    const int value = at == std::string::npos ? 0 : std::atoi(word.c_str() + at + 1);
    if (name == "executions") {
      way.options.executions = value;
    } else if (name == "max_batch_size") {
      way.options.batching->max_batch_size = value;
    } else if (name == "max_delay_us") {
      way.options.batching->delay_max = std::chrono::microseconds(value);
    } else if (name == "queued") {
      way.queued = true;
    } else if (name == "locked") {
      way.locked = true;
    } else {
      return InvalidArgument("'{}' is no word of a way", word);
    }
  }
  return way;
}

int Main(const Arguments& arguments) {
  Runtime runtime;
  std::mutex lock;
  std::vector<std::unique_ptr<Target>> targets;
  for (const char* side : {"ours", "theirs"}) {
    const std::string text = arguments.Text(side, "");
    const Way way = Need(ParseWay(text, arguments.Text("engine", "auto")));
    LoneModel lone = LoadLoneModel(arguments.target(), way.options, &runtime);
    const ModelTargetOptions options{.queued = way.queued, .lock = way.locked ? &lock : nullptr, .name = text};
    targets.push_back(Need(ModelTarget::Create(lone.predictor, std::move(lone.inputs), options)));
  }
  Report report;
  report.machine = ThisMachine();
  report.started = UtcNow();
  report.schedule.rounds = arguments.Count("rounds", 10);
  report.schedule.warm_up = arguments.Seconds("warm-up", 1);
  report.schedule.load.concurrency = arguments.Count("callers", 1);
  report.schedule.load.duration = arguments.Seconds("duration", 10) / report.schedule.rounds;
  report.comparison = Need(Compare(targets, report.schedule, [](int, int) {}));
  std::fputs(ReportJson(report).c_str(), stdout);
  return 0;
}

}  // namespace
}  // namespace oarlock

int main(int argc, char** argv) {
  return oarlock::Main({argc, argv,
                        "paths MODEL --engine NAME --ours WAY --theirs WAY --callers N --rounds N --duration SECONDS "
                        "--warm-up SECONDS "});
}

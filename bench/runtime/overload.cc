// Requests at a multiple of what the model can bear, of a predictor whose queue is short and of one whose queue takes
// everything. What the model can bear is measured before and after. Prints JSON.
#include <cstdio>

#include "arguments.h"
#include "bench/arrivals.h"
#include "latency_fields.h"
#include "open_load.h"

namespace oarlock {
namespace {

constexpr int kQueueUnlimited = 1'000'000;

void WriteOverload(const std::vector<Asked>& asked, std::chrono::nanoseconds duration, int64_t queue, JsonText* json) {
  std::vector<int64_t> answered;
  std::vector<int64_t> refused;       // from the scheduled time
  std::vector<int64_t> refused_call;  // from asking
  std::vector<int64_t> per_s(static_cast<size_t>(duration / std::chrono::seconds(1)));
  int64_t failed = 0;
  for (const Asked& each : asked) {
    if (each.outcome == Outcome::kRefused) {
      refused.push_back(each.told_ns - each.due_ns);
      refused_call.push_back(each.told_ns - each.asked_ns);
    } else if (each.outcome == Outcome::kAnswered) {
      answered.push_back(each.done_ns - each.due_ns);
      if (const auto second = static_cast<size_t>(each.done_ns / 1'000'000'000); second < per_s.size()) ++per_s[second];
    } else {
      ++failed;
    }
  }
  json->StartObject();
  json->Field("queue_requests_max", queue);
  json->Field("asked", static_cast<int64_t>(asked.size()));
  json->Field("answered", static_cast<int64_t>(answered.size()));
  json->Field("refused", static_cast<int64_t>(refused.size()));
  json->Field("failed_or_cut_off", failed);
  WriteLatencies("latency_us", std::move(answered), json);
  WriteLatencies("refusal_us", std::move(refused), json);
  WriteLatencies("refusal_call_us", std::move(refused_call), json);
  json->Key("answered_per_s");
  json->StartArray();
  for (const int64_t count : per_s) json->Integer(count);
  json->EndArray();
  json->EndObject();
}

int Main(const Arguments& arguments) {
  Runtime runtime;
  PredictorOptions options;
  options.engine = arguments.Text("engine", "auto");
  options.executions = arguments.Count("executions", 2);
  options.execution_wait_max = std::chrono::hours(1);  // what waits without a limit is cut off by us
  options.limits.queue_requests_max = arguments.Count("queue", 32);
  const LoneModel ours = LoadLoneModel(arguments.target(), options, &runtime);
  options.limits.queue_requests_max = kQueueUnlimited;
  const LoneModel theirs = LoadLoneModel(arguments.target(), options, &runtime);

  const int in_flight = 2 * options.executions;
  const auto measuring = arguments.Seconds("capacity-seconds", 5);
  const double before = Capacity(ours, in_flight, measuring);
  Load load;
  load.arrivals = Arrivals::kConstant;
  load.rate_per_s = arguments.Number("times", 3) * before;
  load.duration = arguments.Seconds("duration", 30);
  JsonText json;
  json.StartObject();
  json.Field("executions", static_cast<int64_t>(options.executions));
  json.Field("rate_per_s", load.rate_per_s);
  json.Key("overloads");
  json.StartArray();
  WriteOverload(RunOpenLoad(ours, ArrivalTimes(load)), load.duration, arguments.Count("queue", 32), &json);
  WriteOverload(RunOpenLoad(theirs, ArrivalTimes(load), load.duration), load.duration, kQueueUnlimited, &json);
  json.EndArray();
  json.Key("capacity_per_s");
  json.StartArray();
  json.Number(before);
  json.Number(Capacity(ours, in_flight, measuring));
  json.EndArray();
  json.EndObject();
  std::puts(std::string(json.text()).c_str());
  return 0;
}

}  // namespace
}  // namespace oarlock

int main(int argc, char** argv) {
  return oarlock::Main({argc, argv,
                        "overload MODEL --engine NAME --executions N --queue N --times X --capacity-seconds SECONDS "
                        "--duration SECONDS "});
}

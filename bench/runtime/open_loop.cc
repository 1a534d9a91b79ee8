// Requests at a share of what the model can bear, by a constant and by a Poisson schedule in turns; each block beside
// an ideal first-come queue with the same arrivals and the service times that were measured. Latencies count from the
// scheduled time. Prints JSON.
#include <cstdio>

#include "arguments.h"
#include "bench/arrivals.h"
#include "bench/ideal_queue.h"
#include "latency_fields.h"
#include "open_load.h"

namespace oarlock {
namespace {

void WriteBlock(const std::vector<Asked>& asked, std::string_view arrivals, int executions, JsonText* json) {
  std::vector<int64_t> latencies;
  std::vector<int64_t> services;
  std::vector<Arrival> arrived;
  std::vector<int64_t> late;
  for (const Asked& each : asked) {
    late.push_back(each.asked_ns - each.due_ns);
    if (each.outcome != Outcome::kAnswered) continue;
    latencies.push_back(each.done_ns - each.due_ns);
    services.push_back(each.service_ns);
    arrived.push_back({each.due_ns, each.service_ns});
  }
  json->StartObject();
  json->Field("arrivals", arrivals);
  json->Field("asked", static_cast<int64_t>(asked.size()));
  json->Field("answered", static_cast<int64_t>(latencies.size()));
  WriteLatencies("latency_us", std::move(latencies), json);
  WriteLatencies("ideal_us", IdealLatencies(arrived, executions), json);
  WriteLatencies("service_us", std::move(services), json);
  WriteLatencies("asked_late_us", std::move(late), json);
  json->EndObject();
}

int Main(const Arguments& arguments) {
  Runtime runtime;
  PredictorOptions options;
  options.engine = arguments.Text("engine", "auto");
  options.executions = arguments.Count("executions", 2);
  const LoneModel lone = LoadLoneModel(arguments.target(), options, &runtime);
  const double capacity = Capacity(lone, 2 * options.executions, arguments.Seconds("capacity-seconds", 2));
  Load load;
  load.rate_per_s = arguments.Number("share", 0.7) * capacity;
  const int rounds = arguments.Count("rounds", 10);
  load.duration = arguments.Seconds("duration", 60) / rounds;
  JsonText json;
  json.StartObject();
  json.Field("executions", static_cast<int64_t>(options.executions));
  json.Field("capacity_per_s", capacity);
  json.Field("rate_per_s", load.rate_per_s);
  json.Key("blocks");
  json.StartArray();
  for (int round = 0; round < rounds; ++round) {
    load.seed = static_cast<uint64_t>(round);
    for (int i = 0; i < 2; ++i) {
      const bool constant = (round + i) % 2 == 0;
      load.arrivals = constant ? Arrivals::kConstant : Arrivals::kPoisson;
      WriteBlock(RunOpenLoad(lone, ArrivalTimes(load)), constant ? "constant" : "poisson", options.executions, &json);
    }
  }
  json.EndArray();
  json.EndObject();
  std::puts(std::string(json.text()).c_str());
  return 0;
}

}  // namespace
}  // namespace oarlock

int main(int argc, char** argv) {
  return oarlock::Main({argc, argv,
                        "open_loop MODEL --engine NAME --executions N --share X --capacity-seconds SECONDS --rounds N "
                        "--duration SECONDS "});
}

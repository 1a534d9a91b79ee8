// All models of a directory in one process: what each takes to load and to keep, and how many threads there are while
// callers ask all of them. The first is loaded by itself, so that the engine's own start counts for none. Prints JSON.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "arguments.h"
#include "base/cpu.h"
#include "bench/random_tensor.h"
#include "runtime/repository.h"
#include "tensor/json_text.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

// Of /proc/self/status.
int64_t Status(std::string_view key) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(key)) return std::atoll(line.c_str() + key.size() + 1);
  }
  return 0;
}

double Ms(steady_clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

std::vector<ModelConfig> ModelsOf(const fs::path& directory, const std::string& engine) {
  std::vector<ModelConfig> models;
  for (const auto& entry : fs::directory_iterator(directory)) {
    ModelConfig model;
    model.name = entry.path().stem().string();
    model.path = entry.path();
    model.engine = engine;
    models.push_back(std::move(model));
  }
  std::sort(models.begin(), models.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return models;
}

// Callers that ask each model after the other until `until`; the most threads seen that are not theirs.
int64_t AskAll(const Repository& repository, int callers, steady_clock::time_point until,
               std::atomic<int64_t>* answers) {
  const std::vector<std::string> names = repository.Names();
  std::vector<std::thread> threads;
  for (int caller = 0; caller < callers; ++caller) {
    threads.emplace_back([&, caller] {
      InferenceResponse response;
      for (size_t i = static_cast<size_t>(caller); steady_clock::now() < until; ++i) {
        const RoutedPredictor picked = Need(repository.Pick(names[i % names.size()], {}, {}));
        InferenceRequest request;
        request.batched = true;
        std::vector<Tensor> inputs;
        for (const Port& port : picked.model()->inputs) inputs.push_back(Need(RandomTensor(port, i)));
        for (size_t at = 0; at < inputs.size(); ++at) {
          request.inputs.push_back(RequestInput::Of(picked.model()->inputs[at].name, inputs[at].view()));
        }
        Need(picked.Infer(request, &response));
        response.Release();
        ++*answers;
      }
    });
  }
  int64_t threads_max = 0;
  while (steady_clock::now() < until) {
    threads_max = std::max(threads_max, Status("Threads:") - callers);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  for (std::thread& thread : threads) thread.join();
  return threads_max;
}

int Main(const Arguments& arguments) {
  Runtime runtime;
  Repository repository(&runtime, Limits());
  ModelsConfig all;
  all.models = ModelsOf(arguments.target(), arguments.Text("engine", "auto"));
  ModelsConfig first;
  first.models = {all.models.at(0)};
  const auto began = steady_clock::now();
  Need(repository.Apply(first));
  const double first_ms = Ms(steady_clock::now() - began);
  const int64_t before_kib = Status("VmRSS:");
  const int64_t threads_before = Status("Threads:");
  const auto rest = steady_clock::now();
  Need(repository.Apply(all));
  const double rest_ms = Ms(steady_clock::now() - rest);
  const int64_t loaded_kib = Status("VmRSS:");
  const int64_t threads_loaded = Status("Threads:");
  std::atomic<int64_t> answers{0};
  const auto until = steady_clock::now() + arguments.Seconds("duration", 5);
  const int64_t threads_asked = AskAll(repository, arguments.Count("callers", 16), until, &answers);
  JsonText json;
  json.StartObject();
  json.Field("models", static_cast<int64_t>(all.models.size()));
  json.Field("first_ms", first_ms);
  json.Field("each_ms", rest_ms / static_cast<double>(all.models.size() - 1));
  json.Field("first_rss_bytes", 1024 * before_kib);
  const auto each = static_cast<double>(all.models.size() - 1);
  json.Field("each_rss_bytes", 1024.0 * static_cast<double>(loaded_kib - before_kib) / each);
  json.Field("each_rss_asked_bytes", 1024.0 * static_cast<double>(Status("VmRSS:") - before_kib) / each);
  json.Field("thread_budget", static_cast<int64_t>(runtime.scheduler()->thread_budget()));
  json.Field("threads_first", threads_before);
  json.Field("threads_loaded", threads_loaded);
  json.Field("threads_asked", threads_asked);
  json.Field("answers", answers.load());
  json.EndObject();
  std::puts(std::string(json.text()).c_str());
  return 0;
}

}  // namespace
}  // namespace oarlock

int main(int argc, char** argv) {
  return oarlock::Main({argc, argv, "many_models DIRECTORY --engine NAME --callers N --duration SECONDS "});
}

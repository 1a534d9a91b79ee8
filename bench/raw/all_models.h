// What the models of a directory take to load, run once each and keep, as JSON. The first is apart, so that the
// engine's own start counts for none.
#ifndef OARLOCK_BENCH_RAW_ALL_MODELS_H_
#define OARLOCK_BENCH_RAW_ALL_MODELS_H_

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

// Of /proc/self/status.
inline long long OwnStatus(const std::string& key) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(key)) return std::atoll(line.c_str() + key.size() + 1);
  }
  return 0;
}

template <typename Load>
int TellOfAllModels(const char* directory, Load load) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  if (paths.size() < 2) return 2;
  load(paths[0]);
  const long long before_kib = OwnStatus("VmRSS:");
  const auto began = std::chrono::steady_clock::now();
  for (size_t i = 1; i < paths.size(); ++i) load(paths[i]);
  const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
  const auto count = static_cast<double>(paths.size() - 1);
  std::printf("{\"models\": %zu, \"each_ms\": %.4f, \"each_rss_bytes\": %.0f, \"threads\": %lld}\n", paths.size(),
              ms / count, 1024.0 * static_cast<double>(OwnStatus("VmRSS:") - before_kib) / count,
              OwnStatus("Threads:"));
  return 0;
}

#endif  // OARLOCK_BENCH_RAW_ALL_MODELS_H_

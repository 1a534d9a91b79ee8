// oarlock cache: the ONNX models that were made from Paddle models, and kept.
#include "base/status.h"
#include "cli/command.h"
#include "model/conversion_cache.h"
#include "tensor/json_text.h"

namespace oarlock {
namespace {

struct Line {
  CacheEntry entry;
  absl::Status whole;  // of `verify`
};

std::string Text(const Line& line, bool verified) {
  const CacheEntry& entry = line.entry;
  std::string text = fmt::format("{}  {:>12}  {}\n", entry.key.substr(0, 12), entry.model_bytes + entry.data_bytes,
                                 entry.source.empty() ? "(unreadable)" : Printable(entry.source, 4096));
  if (verified) text.insert(0, line.whole.ok() ? "ok       " : "damaged  ");
  if (!line.whole.ok()) text += fmt::format("         {}\n", MessageOf(line.whole));
  return text;
}

void Write(const Line& line, bool verified, JsonText* json) {
  json->StartObject();
  json->Field("key", line.entry.key);
  json->Field("source", line.entry.source);
  json->Field("identity", line.entry.identity);
  json->Field("opset", line.entry.opset);
  json->Field("size_bytes", line.entry.model_bytes + line.entry.data_bytes);
  if (verified) json->Field("whole", line.whole.ok());
  if (!line.whole.ok()) json->Field("error", MessageOf(line.whole));
  json->EndObject();
}

absl::Status Show(const ConversionCache& cache, bool verify, bool json_wanted) {
  OAR_ASSIGN_OR_RETURN(std::vector<CacheEntry> entries, cache.List());
  JsonText json;
  json.StartObject();
  json.Field("directory", cache.directory().string());
  json.Key("entries");
  json.StartArray();
  std::string text;
  size_t damaged_count = 0;
  for (CacheEntry& entry : entries) {
    Line line{std::move(entry), absl::OkStatus()};
    if (verify) line.whole = cache.Read(line.entry.key, Limits()).status();
    damaged_count += line.whole.ok() ? 0 : 1;
    text += Text(line, verify);
    Write(line, verify, &json);
  }
  json.EndArray();
  json.EndObject();
  if (text.empty()) text = fmt::format("nothing is kept in '{}'\n", cache.directory().string());
  OAR_RETURN_IF_ERROR(Print(json_wanted ? fmt::format("{}\n", json.text()) : text));
  if (damaged_count == 0) return absl::OkStatus();
  return DataLoss(
      "{} of {} entries are damaged; they are made anew when they are needed, or go with `oarlock cache clear`",
      damaged_count, entries.size());
}

absl::Status Clear(const ConversionCache& cache, bool json_wanted) {
  OAR_ASSIGN_OR_RETURN(const auto cleared, cache.Clear());
  const auto& [entry_count, size_bytes] = cleared;
  if (!json_wanted) {
    return Print(
        fmt::format("{} entries removed, {} bytes, from '{}'\n", entry_count, size_bytes, cache.directory().string()));
  }
  JsonText json;
  json.StartObject();
  json.Field("directory", cache.directory().string());
  json.Field("removed", static_cast<int64_t>(entry_count));
  json.Field("size_bytes", size_bytes);
  json.EndObject();
  return Print(fmt::format("{}\n", json.text()));
}

absl::Status Run(const std::string& action, const GlobalFlags& global) {
  if (global.cache_dir == kNoCache)
    return UsageError("--cache-dir none keeps nothing; give a directory, or leave it out");
  const std::filesystem::path directory =
      global.cache_dir.empty() ? ConversionCache::DefaultDirectory() : std::filesystem::path(global.cache_dir);
  if (directory.empty()) return FailedPrecondition("this user has no home directory; give --cache-dir DIR");
  const ConversionCache cache(directory);
  if (action == "list" || action == "verify") return Show(cache, action == "verify", global.json);
  if (action == "clear") return Clear(cache, global.json);
  return UsageError(fmt::format("cache '{}'; it must be list, verify or clear", Printable(action)));
}

}  // namespace

Command RegisterCache(Flags* flags, const GlobalFlags* global) {
  auto action = std::make_shared<std::string>();
  flags->Positional("ACTION", "list, verify (compares each with its digest) or clear.", true, action.get());
  return [action, global] { return Run(*action, *global); };
}

}  // namespace oarlock

#include "runtime/engine_choice.h"

#include "base/status.h"

namespace oarlock {
namespace {

using Kind = EngineVerdict::Kind;

absl::StatusOr<std::shared_ptr<CompiledModel>> LoadOn(Engine& engine, const ModelContent& content,
                                                      const EngineOptions& options) {
  auto compiled = engine.Load(content.source(), options);
  if (compiled.ok()) return compiled;
  return Annotate(compiled.status(),
                  fmt::format("engine '{}' cannot load '{}'", engine.name(), content.files.program.string()));
}

absl::StatusOr<std::shared_ptr<CompiledModel>> LoadOnNamed(const ModelContent& content, const std::string& name,
                                                           const EngineOptions& options, EngineRegistry& engines,
                                                           EngineVerdict* verdict) {
  verdict->kind = Kind::kUnusable;
  OAR_ASSIGN_OR_RETURN(const auto engine, engines.Get(name));
  if (!engine->Reads(content.engine_format())) {
    verdict->kind = Kind::kOtherFormat;
    return Unimplemented("engine '{}' does not read {}", engine->name(), NameOf(content.engine_format()));
  }
  auto compiled = LoadOn(*engine, content, options);
  verdict->kind = compiled.ok() ? Kind::kChosen : Kind::kRefused;
  return compiled;
}

// All refused, or there were none.
absl::Status NobodyLoads(const ModelContent& content, const std::vector<EngineVerdict>& verdicts,
                         const EngineRegistry& engines) {
  const EngineVerdict* first_refusal = nullptr;
  std::string said;
  size_t refusal_count = 0;
  for (const EngineVerdict& verdict : verdicts) {
    if (verdict.kind == Kind::kRefused) {
      if (first_refusal == nullptr) first_refusal = &verdict;
      ++refusal_count;
    }
  }
  if (refusal_count == 1) return first_refusal->status;
  for (const EngineVerdict& verdict : verdicts) {
    if (first_refusal != nullptr && verdict.kind != Kind::kRefused) continue;
    const bool has_text = !verdict.status.ok();
    said += fmt::format("{}{}", said.empty() ? "" : "; ",
                        has_text && verdict.kind == Kind::kRefused
                            ? std::string(MessageOf(verdict.status))
                            : fmt::format("{}: {}", verdict.engine,
                                          has_text ? std::string(MessageOf(verdict.status))
                                                   : Describe(verdict, content.engine_format())));
  }
  if (first_refusal != nullptr) return MakeStatus(first_refusal->status.code(), said);
  if (said.empty()) said = fmt::format("there is no engine in '{}'", engines.directory().string());
  return FailedPrecondition("no engine reads the format '{}' ({})", NameOf(content.engine_format()), said);
}

}  // namespace

std::string Describe(const EngineVerdict& verdict, Format format) {
  switch (verdict.kind) {
    case Kind::kChosen:
      return "chosen";
    case Kind::kRefused:
      return "refused";
    case Kind::kUnusable:
      return "not usable";
    case Kind::kOtherFormat:
      return fmt::format("does not read {}", NameOf(format));
    case Kind::kNotAsked:
      break;
  }
  return "not asked";
}

absl::StatusOr<std::shared_ptr<CompiledModel>> LoadOnEngine(const ModelContent& content, const std::string& name,
                                                            const EngineOptions& options, EngineRegistry& engines,
                                                            std::vector<EngineVerdict>* verdicts) {
  verdicts->clear();
  if (name != "auto") {
    EngineVerdict& verdict = verdicts->emplace_back();
    verdict.engine = name;
    auto compiled = LoadOnNamed(content, name, options, engines, &verdict);
    verdict.status = compiled.status();
    return compiled;
  }
  std::shared_ptr<CompiledModel> chosen;
  for (const std::string& each : engines.Names()) {
    EngineVerdict& verdict = verdicts->emplace_back();
    verdict.engine = each;
    if (chosen != nullptr) continue;
    const auto engine = engines.Get(each);
    if (!engine.ok()) {
      verdict.kind = Kind::kUnusable;
      verdict.status = engine.status();
    } else if (!(*engine)->Reads(content.engine_format())) {
      verdict.kind = Kind::kOtherFormat;
    } else {
      auto compiled = LoadOn(**engine, content, options);
      verdict.kind = compiled.ok() ? Kind::kChosen : Kind::kRefused;
      verdict.status = compiled.status();
      if (compiled.ok()) chosen = *std::move(compiled);
    }
  }
  if (chosen == nullptr) return NobodyLoads(content, *verdicts, engines);
  return chosen;
}

}  // namespace oarlock

// Which engine runs a model: the one that was named, or for `auto` the first that loads it, in the order of
// engine/engines.def. What each engine said is kept, so that a user can be told why.
#ifndef OARLOCK_RUNTIME_ENGINE_CHOICE_H_
#define OARLOCK_RUNTIME_ENGINE_CHOICE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/registry.h"
#include "model/model_content.h"

namespace oarlock {

struct EngineVerdict {
  enum class Kind {
    kChosen,
    kRefused,   // it reads the format and could not load the model: `status` says why
    kUnusable,  // it is not there, or cannot be opened: `status` says why
    kOtherFormat,
    kNotAsked,  // one before it was chosen
  };
  std::string engine;
  Kind kind = Kind::kNotAsked;
  absl::Status status;
};
// "chosen", "refused", "not usable", "does not read onnx", "not asked".
std::string Describe(const EngineVerdict& verdict, Format format);

// `name`: an engine's, or "auto". `verdicts` is filled in any case. An error has the code of the first engine that read
// the format and refused, and names what each one said.
absl::StatusOr<std::shared_ptr<CompiledModel>> LoadOnEngine(const ModelContent& content, const std::string& name,
                                                            const EngineOptions& options, EngineRegistry& engines,
                                                            std::vector<EngineVerdict>* verdicts);

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_ENGINE_CHOICE_H_

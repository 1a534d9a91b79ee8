// An engine plugin as C++ sees it: every call of the C table, with statuses instead of codes and text, and owners that
// free what the table made. Nothing here knows which engine it is.
//   Engine            an opened plugin
//   CompiledModel     a model loaded by it; keeps its engine
//   EngineExecution   a place to run; keeps its compiled model
// Thread rule: Engine and CompiledModel from any thread; an EngineExecution from one thread at a time, Cancel() from
// any. Ownership: bound memory is lent until it is bound anew or the execution dies; the engine touches it only inside
// Run().
#ifndef OARLOCK_ENGINE_ENGINE_H_
#define OARLOCK_ENGINE_ENGINE_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "oarlock/engine.h"
#include "tensor/tensor.h"

namespace oarlock {

enum class Format : oar_format {
  kUnknown = OAR_FORMAT_UNKNOWN,
  kPaddle = OAR_FORMAT_PADDLE,
  kPaddlePir = OAR_FORMAT_PADDLE_PIR,
  kOnnx = OAR_FORMAT_ONNX,
  kOpenVinoIr = OAR_FORMAT_OPENVINO_IR,
  kTorchScript = OAR_FORMAT_TORCHSCRIPT,
  kFake = OAR_FORMAT_FAKE,
};
std::string_view NameOf(Format format);  // "paddle", "paddle-pir", "onnx", "openvino-ir", "torchscript", "fake"
// Paddle's own, of either generation.
constexpr bool IsPaddle(Format format) { return format == Format::kPaddle || format == Format::kPaddlePir; }

enum class CopyReason : oar_copy_reason {
  kNone = OAR_COPY_NONE,
  kUnaligned = OAR_COPY_UNALIGNED,
  kBatched = OAR_COPY_BATCHED,
  kGathered = OAR_COPY_GATHERED,
  kStrided = OAR_COPY_STRIDED,
  kDynamicOutput = OAR_COPY_DYNAMIC_OUTPUT,
  kDType = OAR_COPY_DTYPE,
  kStrings = OAR_COPY_STRINGS,
  kUntrusted = OAR_COPY_UNTRUSTED,
};
std::string_view NameOf(CopyReason reason);  // "none", "unaligned", ..., "dynamic_output", ...

enum class Precision : oar_precision {
  kF32 = OAR_PRECISION_F32,
  kBF16 = OAR_PRECISION_BF16,
  kF16 = OAR_PRECISION_F16,
};
std::string_view NameOf(Precision precision);  // "f32", "bf16", "f16"

// Where an engine keeps weights: laid out anew and private, or as the host lends them.
enum class Weights : oar_weights { kPacked = OAR_WEIGHTS_PACKED, kShared = OAR_WEIGHTS_SHARED };
std::string_view NameOf(Weights weights);  // "packed", "shared"

// A weight that the program names and keeps in another file.
struct ModelConstant {
  std::string name;
  TensorView view;
  bool nested = false;  // of a branch or loop, not of the graph itself
};

// Borrowed bytes of a model's files. Lent to Engine::Load until it returns, or, if the compiled model keeps_source(),
// until that dies.
struct ModelSource {
  Format format = Format::kUnknown;
  std::span<const std::byte> model;
  std::span<const std::byte> weights;
  std::span<const ModelConstant> constants;
  std::string model_path;  // where the program came from; may be empty
};

struct EngineOptions {
  Precision precision = Precision::kF32;
  int threads_per_execution = 1;
  int executions = 1;
  Weights weights = Weights::kPacked;
  std::string device = "auto";
};

struct Port {
  std::string name;
  DType dtype = DType::kInvalid;
  bool rank_known = true;  // false: the shape says nothing
  Shape shape;             // dynamic dims are kDynamic
  bool in_place = false;   // output: bound room of sufficient size is written without a copy
  bool race_safe = false;  // input: its values only ever feed arithmetic
};

struct UnsupportedOperator {
  std::string type;
  size_t count = 0;
};

struct EngineMemory {
  uint64_t weights_private_bytes = 0;
  uint64_t weights_shared_bytes = 0;
  uint64_t activations_bytes = 0;
};

struct EngineDevice {
  std::string id;
  std::string name;
};

class CompiledModel;

// An execution's own view of what output i of the last run is, and whether it was copied on the way.
struct EngineOutput {
  TensorView view;
  CopyReason copied = CopyReason::kNone;
};

class EngineExecution {
 public:
  ~EngineExecution();
  EngineExecution(const EngineExecution&) = delete;
  EngineExecution& operator=(const EngineExecution&) = delete;

  // `*reason` (never null) says whether the engine will copy at each run.
  absl::Status BindInput(size_t index, const TensorView& view, CopyReason* reason);
  // Lends room of `size_bytes`; data == nullptr takes the room back.
  absl::Status BindOutput(size_t index, DType dtype, const Shape& shape, void* data, size_t size_bytes,
                          CopyReason* reason);
  absl::Status UnbindOutput(size_t index);
  // FAILED_PRECONDITION if known only after the run.
  absl::StatusOr<Shape> OutputShape(size_t index);
  absl::Status Run();
  // True if the run under way will stop early. Any thread.
  bool Cancel();
  // Valid until the execution runs or is bound again.
  absl::Status Output(size_t index, EngineOutput* output);

 private:
  friend class CompiledModel;
  explicit EngineExecution(std::shared_ptr<CompiledModel> model);
  std::shared_ptr<CompiledModel> model_;
  const oar_engine_api* api_;
  oar_engine_execution* execution_ = nullptr;
  bool has_run_ = false;
};

class Engine;

class CompiledModel : public std::enable_shared_from_this<CompiledModel> {
 public:
  ~CompiledModel();
  CompiledModel(const CompiledModel&) = delete;
  CompiledModel& operator=(const CompiledModel&) = delete;

  std::span<const Port> inputs() const { return inputs_; }
  std::span<const Port> outputs() const { return outputs_; }
  bool keeps_source() const { return keeps_source_; }
  Precision precision() const { return precision_; }
  EngineMemory memory() const;
  const std::shared_ptr<Engine>& engine() const { return engine_; }
  absl::StatusOr<std::unique_ptr<EngineExecution>> NewExecution();

 private:
  friend class Engine;
  friend class EngineExecution;
  explicit CompiledModel(std::shared_ptr<Engine> engine);
  absl::Status Describe();
  std::shared_ptr<Engine> engine_;
  oar_engine_model* model_ = nullptr;
  std::vector<Port> inputs_;
  std::vector<Port> outputs_;
  bool keeps_source_ = false;
  Precision precision_ = Precision::kF32;
};

class Engine : public std::enable_shared_from_this<Engine> {
 public:
  // Takes a table that a plugin handed over; `path` is where the plugin was found. Checks the table (ABI, size, the
  // functions that must be there) and opens the engine, which may make `threads_max` threads for all its models.
  static absl::StatusOr<std::shared_ptr<Engine>> Open(const oar_engine_api* api, std::string path, int threads_max);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  std::string_view name() const { return api_->name; }
  std::string_view version() const;
  const std::string& path() const { return path_; }
  uint64_t capabilities() const { return api_->capabilities; }
  bool Reads(Format format) const;
  std::vector<EngineDevice> Devices() const;
  // OK if the engine can load the model; UNIMPLEMENTED with `*unsupported` filled if operators are missing.
  absl::Status Probe(const ModelSource& source, std::vector<UnsupportedOperator>* unsupported) const;
  absl::StatusOr<std::shared_ptr<CompiledModel>> Load(const ModelSource& source, const EngineOptions& options);

 private:
  friend class CompiledModel;
  friend class EngineExecution;
  Engine(const oar_engine_api* api, std::string path) : api_(api), path_(std::move(path)) {}
  const oar_engine_api* api_;
  std::string path_;
  oar_engine* engine_ = nullptr;
};

}  // namespace oarlock

#endif  // OARLOCK_ENGINE_ENGINE_H_

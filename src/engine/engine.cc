#include "engine/engine.h"

#include <utility>

#include "base/codes.h"
#include "base/signals.h"
#include "base/status.h"
#include "engine/inside.h"
#include "engine/plugin.h"

namespace oarlock {
namespace {

// Room for a plugin's text, of which only the first byte is touched while all goes well.
class ErrorText {
 public:
  ErrorText() { error_.text[0] = '\0'; }
  operator oar_engine_error*() { return &error_; }  // NOLINT(google-explicit-constructor)
  absl::Status Status(int32_t code) {
    if (code == 0) return absl::OkStatus();
    error_.text[OAR_ENGINE_ERROR_BYTES - 1] = '\0';
    const std::string_view text(error_.text);
    return MakeStatus(CodeFromNumber(code), text.empty() ? "the engine gave no reason" : Printable(text, text.size()));
  }

 private:
  oar_engine_error error_;  // NOLINT(cppcoreguidelines-pro-type-member-init): 1 KiB that a good run never needs
};

oar_view ViewOf(DType dtype, const Shape& shape, void* data, size_t size_bytes) {
  oar_view view;  // NOLINT(cppcoreguidelines-pro-type-member-init): dims past the rank are never read
  view.dtype = static_cast<oar_dtype>(dtype);
  view.rank = shape.rank();
  std::copy(shape.dims().begin(), shape.dims().end(), view.dims);
  view.data = data;
  view.size_bytes = size_bytes;
  return view;
}

std::vector<oar_engine_constant> ConstantsOf(const ModelSource& source) {
  std::vector<oar_engine_constant> constants;
  for (const ModelConstant& constant : source.constants) {
    oar_engine_constant& out = constants.emplace_back();
    out.name = constant.name.c_str();
    out.view = ViewOf(constant.view.dtype, constant.view.shape, const_cast<std::byte*>(constant.view.data),
                      constant.view.size_bytes);
    out.is_nested = constant.nested ? 1 : 0;
  }
  return constants;
}

// `constants` must live as long as the result.
oar_engine_source SourceOf(const ModelSource& source, const std::vector<oar_engine_constant>& constants) {
  oar_engine_source out{};
  out.struct_size = sizeof out;
  out.format = static_cast<oar_format>(source.format);
  out.model = source.model.data();
  out.model_size_bytes = source.model.size();
  out.weights = source.weights.empty() ? nullptr : source.weights.data();
  out.weights_size_bytes = source.weights.size();
  out.model_path = source.model_path.empty() ? nullptr : source.model_path.c_str();
  out.constants = constants.data();
  out.constant_count = constants.size();
  return out;
}

absl::Status CheckSource(const ModelSource& source) {
  if (source.model.empty()) return InvalidArgument("the model is empty");
  return absl::OkStatus();
}

absl::StatusOr<Shape> ShapeOf(int32_t rank, const int64_t* dims) {
  if (rank < 0 || rank > OAR_MAX_RANK) {
    return Internal("the engine gave a shape of {} dims; 0 to {} are possible", rank, OAR_MAX_RANK);
  }
  return Shape::From({dims, static_cast<size_t>(rank)});
}

absl::StatusOr<Port> PortOf(const oar_engine_port& port) {
  Port out;
  if (port.name == nullptr) return Internal("the engine gave a port without a name");
  out.name = port.name;
  out.dtype = static_cast<DType>(port.dtype);
  out.rank_known = port.rank >= 0;
  if (out.rank_known) {
    OAR_ASSIGN_OR_RETURN(out.shape, ShapeOf(port.rank, port.dims));
  }
  out.in_place = (port.flags & OAR_PORT_IN_PLACE) != 0;
  out.race_safe = (port.flags & OAR_PORT_RACE_SAFE) != 0;
  return out;
}

}  // namespace

// ---- Engine

absl::StatusOr<std::shared_ptr<Engine>> Engine::Open(const oar_engine_api* api, std::string path, int threads_max) {
  OAR_RETURN_IF_ERROR(CheckTable(api, path));
  std::shared_ptr<Engine> engine(new Engine(api, std::move(path)));
  const InsideEngine inside;
  const BlockSignals blocked;
  ErrorText error;
  oar_engine_settings settings{};
  settings.struct_size = sizeof settings;
  settings.threads_max = threads_max;
  const int32_t code = api->open(&settings, &engine->engine_, error);
  if (code != 0) return Annotate(error.Status(code), fmt::format("engine '{}' cannot be opened", api->name));
  return engine;
}

Engine::~Engine() {
  const InsideEngine inside;
  if (engine_ != nullptr) api_->close(engine_);
}

std::string_view Engine::version() const {
  const InsideEngine inside;
  const char* version = api_->version();
  return version == nullptr ? "" : version;
}

bool Engine::Reads(Format format) const {
  const InsideEngine inside;
  return api_->reads(engine_, static_cast<oar_format>(format)) != 0;
}

std::vector<EngineDevice> Engine::Devices() const {
  std::vector<EngineDevice> devices;
  const InsideEngine inside;
  const BlockSignals blocked;
  api_->devices(
      engine_,
      [](void* user, const char* id, const char* name) {
        static_cast<std::vector<EngineDevice>*>(user)->push_back({id, name});
      },
      &devices);
  return devices;
}

absl::Status Engine::Probe(const ModelSource& source, std::vector<UnsupportedOperator>* unsupported) const {
  unsupported->clear();
  OAR_RETURN_IF_ERROR(CheckSource(source));
  const auto constants = ConstantsOf(source);
  const oar_engine_source lent = SourceOf(source, constants);
  const InsideEngine inside;
  const BlockSignals blocked;
  ErrorText error;
  const int32_t code = api_->probe(
      engine_, &lent,
      [](void* user, const char* type, size_t count) {
        static_cast<std::vector<UnsupportedOperator>*>(user)->push_back({type, count});
      },
      unsupported, error);
  return error.Status(code);
}

absl::StatusOr<std::shared_ptr<CompiledModel>> Engine::Load(const ModelSource& source, const EngineOptions& options) {
  OAR_RETURN_IF_ERROR(CheckSource(source));
  const auto constants = ConstantsOf(source);
  const oar_engine_source lent = SourceOf(source, constants);
  oar_engine_options lent_options{};
  lent_options.struct_size = sizeof lent_options;
  lent_options.precision = static_cast<oar_precision>(options.precision);
  lent_options.threads_per_execution = options.threads_per_execution;
  lent_options.executions = options.executions;
  lent_options.weights = static_cast<oar_weights>(options.weights);
  lent_options.device = options.device.c_str();
  // Made first, so that what the engine hands over has an owner already.
  std::shared_ptr<CompiledModel> compiled(new CompiledModel(shared_from_this()));
  {
    const InsideEngine inside;
    const BlockSignals blocked;
    ErrorText error;
    const int32_t code = api_->load(engine_, &lent, &lent_options, &compiled->model_, error);
    if (code != 0) return error.Status(code);
  }
  OAR_RETURN_IF_ERROR(compiled->Describe());
  return compiled;
}

// ---- CompiledModel

CompiledModel::CompiledModel(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {}

CompiledModel::~CompiledModel() {
  const InsideEngine inside;
  if (model_ != nullptr) engine_->api_->unload(model_);
}

absl::Status CompiledModel::Describe() {
  const oar_engine_api* api = engine_->api_;
  oar_engine_model_info info{};
  info.struct_size = sizeof info;
  const InsideEngine inside;
  api->describe(model_, &info);
  keeps_source_ = info.keeps_source != 0;
  precision_ = static_cast<Precision>(info.precision);
  const auto read = [&](auto function, size_t count, std::vector<Port>* ports) -> absl::Status {
    for (size_t i = 0; i < count; ++i) {
      oar_engine_port port{};
      port.struct_size = sizeof port;
      function(model_, i, &port);
      OAR_ASSIGN_OR_RETURN(ports->emplace_back(), PortOf(port));
    }
    return absl::OkStatus();
  };
  OAR_RETURN_IF_ERROR(read(api->input_port, info.input_count, &inputs_));
  return read(api->output_port, info.output_count, &outputs_);
}

EngineMemory CompiledModel::memory() const {
  oar_engine_memory memory{};
  memory.struct_size = sizeof memory;
  const InsideEngine inside;
  engine_->api_->memory(model_, &memory);
  return {memory.weights_private_bytes, memory.weights_shared_bytes, memory.activations_bytes};
}

absl::StatusOr<std::unique_ptr<EngineExecution>> CompiledModel::NewExecution() {
  std::unique_ptr<EngineExecution> execution(new EngineExecution(shared_from_this()));
  const InsideEngine inside;
  const BlockSignals blocked;
  ErrorText error;
  const int32_t code = engine_->api_->execution_new(model_, &execution->execution_, error);
  if (code != 0) return error.Status(code);
  return execution;
}

// ---- EngineExecution

EngineExecution::EngineExecution(std::shared_ptr<CompiledModel> model)
    : model_(std::move(model)), api_(model_->engine_->api_) {}

EngineExecution::~EngineExecution() {
  const InsideEngine inside;
  if (execution_ != nullptr) api_->execution_free(execution_);
}

absl::Status EngineExecution::BindInput(size_t index, const TensorView& view, CopyReason* reason) {
  // The ABI has one view for both directions; an engine never writes through an input's.
  const oar_view lent = ViewOf(view.dtype, view.shape, const_cast<std::byte*>(view.data), view.size_bytes);
  oar_copy_reason copied = OAR_COPY_NONE;
  const InsideEngine inside;
  ErrorText error;
  const int32_t code = api_->bind_input(execution_, index, &lent, &copied, error);
  if (code == 0) *reason = static_cast<CopyReason>(copied);
  return error.Status(code);
}

absl::Status EngineExecution::BindOutput(size_t index, DType dtype, const Shape& shape, void* data, size_t size_bytes,
                                         CopyReason* reason) {
  if (data == nullptr) {
    *reason = CopyReason::kNone;
    return UnbindOutput(index);
  }
  const oar_view room = ViewOf(dtype, shape, data, size_bytes);
  oar_copy_reason copied = OAR_COPY_NONE;
  const InsideEngine inside;
  ErrorText error;
  const int32_t code = api_->bind_output(execution_, index, &room, &copied, error);
  if (code == 0) *reason = static_cast<CopyReason>(copied);
  return error.Status(code);
}

absl::Status EngineExecution::UnbindOutput(size_t index) {
  oar_copy_reason copied = OAR_COPY_NONE;
  const InsideEngine inside;
  ErrorText error;
  return error.Status(api_->bind_output(execution_, index, nullptr, &copied, error));
}

absl::StatusOr<Shape> EngineExecution::OutputShape(size_t index) {
  int32_t rank = 0;
  int64_t dims[OAR_MAX_RANK];
  const InsideEngine inside;
  ErrorText error;
  const int32_t code = api_->output_shape(execution_, index, &rank, dims, error);
  if (code != 0) return error.Status(code);
  return ShapeOf(rank, dims);
}

absl::Status EngineExecution::Run() {
  const InsideEngine inside;
  ErrorText error;
  if (has_run_) return error.Status(api_->run(execution_, error));
  // Engines start their threads at the first run. Two system calls for the mask are too many for each one.
  const BlockSignals blocked;
  has_run_ = true;
  return error.Status(api_->run(execution_, error));
}

bool EngineExecution::Cancel() {
  if ((api_->capabilities & OAR_ENGINE_CAP_CANCEL) == 0) return false;
  const InsideEngine inside;
  return api_->cancel(execution_) != 0;
}

absl::Status EngineExecution::Output(size_t index, EngineOutput* output) {
  oar_view view;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the engine, or not read
  oar_copy_reason copied = OAR_COPY_NONE;
  {
    const InsideEngine inside;
    ErrorText error;
    const int32_t code = api_->output(execution_, index, &view, &copied, error);
    if (code != 0) return error.Status(code);
  }
  const bool good = view.rank >= 0 && output->view.shape.Assign({view.dims, static_cast<size_t>(view.rank)});
  if (!good) return ShapeOf(view.rank, view.dims).status();
  output->view.dtype = static_cast<DType>(view.dtype);
  output->view.data = static_cast<const std::byte*>(view.data);
  output->view.size_bytes = view.size_bytes;
  output->copied = static_cast<CopyReason>(copied);
  return absl::OkStatus();
}

}  // namespace oarlock

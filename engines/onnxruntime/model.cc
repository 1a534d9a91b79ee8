#include "model.h"

#include <algorithm>
#include <string>

#include "error.h"
#include "operators.h"
#include "telemetry.h"

namespace oarlock::onnxruntime {
namespace {

using plugin::Code;
using plugin::Failure;

void DropLog(void*, OrtLoggingLevel, const char*, const char*, const char*, const char*) {}

void SetConfig(OrtSessionOptions* options, const char* key, const char* value) {
  Check(Api().AddSessionConfigEntry(options, key, value));
}

Owned<OrtSessionOptions> SessionOptionsOf(const oar_engine_options& options) {
  OrtSessionOptions* made = nullptr;
  Check(Api().CreateSessionOptions(&made));
  Owned<OrtSessionOptions> session_options(made);
  if (options.threads_per_execution == 1) {
    // The caller's thread alone: no pool, no hand-over.
    Check(Api().SetIntraOpNumThreads(made, 1));
    Check(Api().SetInterOpNumThreads(made, 1));
  } else {
    Check(Api().DisablePerSessionThreads(made));
  }
  // A plan of memory is kept for each set of shapes that was ever met, and a client chooses the shapes.
  Check(Api().DisableMemPattern(made));
  // Runs at once of one session would wait for each other at its arena: docs/decisions/009-onnxruntime-settings.md.
  if (options.executions > 1) Check(Api().DisableCpuMemArena(made));
  // What the host did not hand over must not be found by a name relative to the working directory.
  SetConfig(made, "session.model_external_initializers_file_folder_path",
            "/proc/self/no_files_are_opened_by_the_engine");
  if (options.weights == OAR_WEIGHTS_SHARED) SetConfig(made, "session.disable_prepacking", "1");
  return session_options;
}

// The weights that the program keeps elsewhere, over the memory that the host lends.
void AddConstants(const oar_engine& engine, const oar_engine_source& source, bool shared, OrtSessionOptions* options,
                  oar_engine_model* model) {
  std::vector<const char*> names;
  std::vector<const OrtValue*> values;
  for (size_t i = 0; i < source.constant_count; ++i) {
    const oar_engine_constant& constant = source.constants[i];
    if (constant.is_nested) {
      throw Failure(Code::kUnimplemented, "the weight '" + std::string(constant.name) +
                                              "' of a branch or loop lies in another file, which the engine "
                                              "onnxruntime takes only for the main graph");
    }
    OrtValue* value = nullptr;
    Check(Api().CreateTensorWithDataAsOrtValue(engine.memory_info.get(), constant.view.data, constant.view.size_bytes,
                                               constant.view.dims, static_cast<size_t>(constant.view.rank),
                                               TypeOf(constant.view.dtype), &value),
          Code::kInvalidArgument, "weight '" + std::string(constant.name) + "'");
    model->constants.emplace_back(value);
    names.push_back(constant.name);
    values.push_back(value);
    // These copies serve the optimisation of the graph and end with the load. An initializer given by name besides is
    // what the session then reads, where it lies.
    if (shared) Check(Api().AddInitializer(options, constant.name, value));
    (shared ? model->weights_shared_bytes : model->weights_private_bytes) += constant.view.size_bytes;
  }
  if (!names.empty()) Check(Api().AddExternalInitializers(options, names.data(), values.data(), names.size()));
}

void CheckPrecision(const oar_engine_options& options) {
  if (options.precision == OAR_PRECISION_AUTO || options.precision == OAR_PRECISION_F32) return;
  throw Failure(Code::kUnimplemented,
                "the engine onnxruntime computes in the types that the model has; use `precision: f32`, convert the "
                "model, or take another engine");
}

}  // namespace

std::unique_ptr<oar_engine> Open(const oar_engine_settings& settings) {
  DisableTelemetry();
  OpenLibrary();
  auto engine = std::make_unique<oar_engine>();
  engine->threads_max = std::max(1, settings.threads_max);
  OrtThreadingOptions* made = nullptr;
  Check(Api().CreateThreadingOptions(&made));
  const Owned<OrtThreadingOptions> threading(made);
  Check(Api().SetGlobalIntraOpNumThreads(made, engine->threads_max));
  Check(Api().SetGlobalInterOpNumThreads(made, 1));
  // Threads that wait by spinning take the cores that other models are given.
  Check(Api().SetGlobalSpinControl(made, 0));
  OrtEnv* env = nullptr;
  Check(Api().CreateEnvWithCustomLoggerAndGlobalThreadPools(DropLog, nullptr, ORT_LOGGING_LEVEL_FATAL, "oarlock", made,
                                                            &env));
  engine->env.reset(env);
  OrtMemoryInfo* info = nullptr;
  Check(Api().CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &info));
  engine->memory_info.reset(info);
  return engine;
}

std::unique_ptr<oar_engine_model> Load(oar_engine& engine, const oar_engine_source& source,
                                       const oar_engine_options& options) {
  CheckPrecision(options);
  auto model = std::make_unique<oar_engine_model>();
  const Owned<OrtSessionOptions> session_options = SessionOptionsOf(options);
  const bool shared = options.weights == OAR_WEIGHTS_SHARED;
  AddConstants(engine, source, shared, session_options.get(), model.get());
  OrtSession* session = nullptr;
  OrtStatus* status = Api().CreateSessionFromArray(engine.env.get(), source.model, source.model_size_bytes,
                                                   session_options.get(), &session);
  if (status != nullptr) {
    const Problem problem = Take(status);
    RefuseUnsupported(engine, source, problem);
    Throw(problem, Code::kInvalidArgument, "the ONNX model cannot be loaded");
  }
  model->session.reset(session);
  model->inputs = InputPorts(*session);
  model->outputs = OutputPorts(*session);
  model->memory_info = engine.memory_info.get();
  model->keeps_source = shared && source.constant_count > 0;
  if (!model->keeps_source) model->constants.clear();
  model->threads_per_execution = options.threads_per_execution == 1 ? 1 : engine.threads_max;
  // ONNX Runtime does not say what it keeps: what the program holds is copied, the rest lies where the host put it.
  model->weights_private_bytes += source.model_size_bytes;
  return model;
}

}  // namespace oarlock::onnxruntime

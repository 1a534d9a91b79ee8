// A place to run: inputs, outputs, and the arrays that ONNX Runtime is called with, made once.
#ifndef OARLOCK_ENGINES_ONNXRUNTIME_EXECUTION_H_
#define OARLOCK_ENGINES_ONNXRUNTIME_EXECUTION_H_

#include <atomic>
#include <vector>

#include "input.h"
#include "output.h"

struct oar_engine_execution {
 public:
  explicit oar_engine_execution(oar_engine_model& model);

  oar_copy_reason BindInput(size_t index, const oar_view& view);
  oar_copy_reason BindOutput(size_t index, const oar_view* room);
  void OutputShape(size_t index, int32_t* rank, int64_t* dims);
  void Run();
  // True if a run is under way; ONNX Runtime stops between two operators.
  bool Cancel();
  oar_copy_reason Output(size_t index, oar_view* view);

 private:
  using Port = oarlock::onnxruntime::Port;
  // Dims of every output that follow from the bound inputs, into known_dims_.
  void Resolve();
  oarlock::onnxruntime::KnownDims Known(size_t index) const;
  // False if an output did not have the dims that the program says; then nothing is placed beforehand any more.
  bool TryRun();

  enum class State : int { kIdle, kRunning, kCancelling, kCancelled };

  oar_engine_model& model_;
  std::vector<oarlock::onnxruntime::Input> inputs_;
  std::vector<oarlock::onnxruntime::Output> outputs_;
  struct Dims {
    bool known = false;
    int64_t dims[OAR_MAX_RANK] = {};
  };
  std::vector<Dims> known_dims_;
  bool resolved_ = false;
  bool places_outputs_ = true;
  bool has_strings_ = false;
  oarlock::onnxruntime::Owned<OrtRunOptions> run_options_;
  std::vector<const char*> input_names_;
  std::vector<const char*> output_names_;
  std::vector<const OrtValue*> input_values_;
  std::vector<OrtValue*> output_values_;
  std::atomic<State> state_{State::kIdle};
};

#endif  // OARLOCK_ENGINES_ONNXRUNTIME_EXECUTION_H_

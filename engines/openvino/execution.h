// A place to run: one OpenVINO request and what is bound to it.
#ifndef OARLOCK_ENGINES_OPENVINO_EXECUTION_H_
#define OARLOCK_ENGINES_OPENVINO_EXECUTION_H_

#include <atomic>
#include <vector>

#include "model.h"
#include "openvino/runtime/infer_request.hpp"

struct oar_engine_execution {
 public:
  explicit oar_engine_execution(oar_engine_model& model);
  ~oar_engine_execution();

  oar_copy_reason BindInput(size_t index, const oar_view& view);
  // `room` null takes a former one back.
  oar_copy_reason BindOutput(size_t index, const oar_view* room);
  void OutputShape(size_t index, int32_t* rank, int64_t* dims) const;
  void Run();
  // True if a run is under way that OpenVINO can stop; it does so between two operators.
  bool Cancel();
  oar_copy_reason Output(size_t index, oar_view* view);

 private:
  struct BoundInput {
    bool bound = false;
    const void* data = nullptr;
    size_t element_count = 0;
  };
  struct BoundOutput {
    ov::Tensor own;        // the engine's, kept while room is bound
    void* room = nullptr;  // written in place; null: the engine's own memory is
    bool refused = false;  // room was lent that cannot be written in place
    bool ready = false;    // holds the result of the last run
  };
  void Infer();
  const oarlock::openvino::Port& InputPort(size_t index) const;
  const oarlock::openvino::Port& OutputPort(size_t index) const;

  oar_engine_model& model_;
  oar_engine_model_copy& copy_;
  ov::InferRequest request_;
  std::vector<BoundInput> inputs_;
  std::vector<BoundOutput> outputs_;
  std::atomic<bool> running_ = false;
};

#endif  // OARLOCK_ENGINES_OPENVINO_EXECUTION_H_

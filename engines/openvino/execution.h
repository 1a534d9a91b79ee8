// A place to run: one OpenVINO request and what is bound to it.
#ifndef OARLOCK_ENGINES_OPENVINO_EXECUTION_H_
#define OARLOCK_ENGINES_OPENVINO_EXECUTION_H_

#include <vector>

#include "model.h"
#include "openvino/runtime/infer_request.hpp"

struct oar_engine_execution {
 public:
  explicit oar_engine_execution(oar_engine_model& model);

  oar_copy_reason BindInput(size_t index, const oar_view& view);
  // `room` null takes a former one back.
  oar_copy_reason BindOutput(size_t index, const oar_view* room);
  const oarlock::openvino::Port& KnownOutput(size_t index) const;
  void Run();
  bool Cancel();
  oar_copy_reason Output(size_t index, oar_view* view);

 private:
  struct BoundOutput {
    ov::Tensor own;        // the engine's, kept while room is bound
    void* room = nullptr;  // written in place; null: the engine's own memory is
    bool refused = false;  // room was lent that cannot be written in place
    bool ready = false;    // holds the result of the last run
  };
  const oarlock::openvino::Port& InputPort(size_t index) const;
  const oarlock::openvino::Port& OutputPort(size_t index) const;

  oar_engine_model& model_;
  ov::InferRequest request_;
  std::vector<bool> input_bound_;
  std::vector<BoundOutput> outputs_;
};

#endif  // OARLOCK_ENGINES_OPENVINO_EXECUTION_H_

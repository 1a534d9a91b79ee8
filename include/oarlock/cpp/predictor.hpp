// A loaded model, and the ways to ask it.
//
//   oarlock::Predictor predictor = oarlock::Predictor::Load(runtime, "model.onnx").value();
//   std::vector<oarlock::Tensor> outputs = predictor.Infer({x}).value();
//   predictor.InferAsync({x}, [](oarlock::Result<std::vector<oarlock::Tensor>> answer) { ... }).value();
//
// For the same tensors again and again, a Runner is faster.
// Ownership: Clone() is a further handle to the same loaded model. Runners keep it too.
// Threads: any, for all const functions at the same time. A callback is owned until it was called, which is exactly
// once, on a thread of the library; what it throws ends the process. If the call itself fails, it is never called.
#ifndef OARLOCK_CPP_PREDICTOR_HPP_
#define OARLOCK_CPP_PREDICTOR_HPP_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "oarlock/cpp/runtime.hpp"
#include "oarlock/cpp/tensor.hpp"

namespace oarlock {
inline namespace v1 {

using BatchingOptions = Sized<oar_batching_options>;
using LoadOptions = Sized<oar_load_options>;
using ModelDescription = Sized<oar_model_description>;
using Port = Sized<oar_port>;
using InferOptions = Sized<oar_infer_options>;
using Statistics = Sized<oar_statistics>;
using ZeroCopyReport = Sized<oar_zero_copy_report>;

// One of several inferences that are asked for together.
struct Request {
  TensorList inputs;
  // In and out: as many as the model has, or none for new tensors. A tensor is written into, an empty one replaced by
  // a new tensor.
  std::vector<Tensor> outputs;
  // Out: how this one ended.
  oar_code code = OAR_OK;
};

class Predictor : public Owner<oar_predictor, oar_predictor_destroy> {
 public:
  using Owner::Owner;

  // `path` is a model's file, or a directory that holds one.
  static Result<Predictor> Load(const Runtime& runtime, const std::string& path, const LoadOptions& options = {}) {
    return Made(Get(oar_predictor{}, oar_predictor_load, runtime.handle(), path.c_str(), &options));
  }
  // `weights`, where the format keeps them in a file of their own.
  static Result<Predictor> LoadMemory(const Runtime& runtime, Bytes model, Bytes weights = {},
                                      const LoadOptions& options = {}) {
    return Made(Get(oar_predictor{}, oar_predictor_load_memory, runtime.handle(), model.data(), model.size_bytes(),
                    weights.data(), weights.size_bytes(), &options));
  }
  Result<Predictor> Clone() const { return Made(Get(oar_predictor{}, oar_predictor_clone, handle())); }

  Result<oar_state> State() const { return Get(oar_state{}, oar_predictor_state, handle()); }
  // Of a load in the background. Negative = as long as it takes.
  Result<void> WaitReady(int64_t timeout_ns = -1) const { return Call(oar_predictor_wait_ready, handle(), timeout_ns); }

  // Strings in what is described live as long as this predictor.
  Result<ModelDescription> Describe() const { return Get(ModelDescription(), oar_predictor_describe, handle()); }
  Result<Port> Input(size_t index) const { return Get(Port(), oar_predictor_input, handle(), index); }
  Result<Port> Output(size_t index) const { return Get(Port(), oar_predictor_output, handle(), index); }
  Result<std::vector<Port>> Inputs() const { return Ports(&oar_model_description::input_count, oar_predictor_input); }
  Result<std::vector<Port>> Outputs() const {
    return Ports(&oar_model_description::output_count, oar_predictor_output);
  }
  Result<size_t> Find(oar_port_kind kind, const std::string& name) const {
    return Get(size_t{0}, oar_predictor_find, handle(), kind, name.c_str());
  }
  Result<const char*> Warning(size_t index) const {
    return Get(static_cast<const char*>(nullptr), oar_predictor_warning, handle(), index);
  }
  Result<Statistics> statistics() const { return Get(Statistics(), oar_predictor_statistics, handle()); }
  // Would this tensor be used where it lies? Nothing is run.
  Result<ZeroCopyReport> CheckZeroCopy(oar_port_kind kind, size_t index, const Tensor& tensor) const {
    return Get(ZeroCopyReport(), oar_predictor_check_zero_copy, handle(), kind, index, tensor.handle());
  }

  // On the calling thread, into new tensors.
  Result<std::vector<Tensor>> Infer(const TensorList& inputs, const InferOptions& options = {}) const {
    const Result<ModelDescription> model = Describe();
    if (!model) return model.failure();
    std::vector<Tensor> outputs(model->output_count);
    const Result<void> ended = InferInto(inputs, outputs, options);
    if (!ended) return ended.failure();
    return Result<std::vector<Tensor>>(std::move(outputs));
  }
  // Into given ones; an empty one is replaced by a new tensor.
  Result<void> InferInto(const TensorList& inputs, Span<Tensor> outputs, const InferOptions& options = {}) const {
    TensorList handles(outputs);
    const Result<void> ended =
        Call(oar_predictor_infer, handle(), &options, inputs.data(), inputs.size(), handles.data(), handles.size());
    if (ended) Adopt(handles.data(), outputs);
    return ended;
  }
  Result<void> InferInto(const TensorList& inputs, Tensor& output, const InferOptions& options = {}) const {
    return InferInto(inputs, Span<Tensor>(&output, 1), options);
  }

  // In the background; callback(Result<std::vector<Tensor>>) is told. The value is for Cancel(). Elements of inputs are
  // not to be changed before.
  template <typename Callback>
  Result<uint64_t> InferAsync(const TensorList& inputs, Callback&& callback, const InferOptions& options = {}) const {
    return InferAsyncInto(inputs, TensorList(), std::forward<Callback>(callback), options);
  }
  template <typename Callback>
  Result<uint64_t> InferAsyncInto(const TensorList& inputs, const TensorList& outputs, Callback&& callback,
                                  const InferOptions& options = {}) const {
    using Callable = std::decay_t<Callback>;
    auto owned = std::make_unique<Callable>(std::forward<Callback>(callback));
    const oar_infer_fn call = [](void* user, oar_code code, const oar_error* error, const oar_tensor* made,
                                 size_t count) noexcept {
      const std::unique_ptr<Callable> called(static_cast<Callable*>(user));
      if (code != OAR_OK) return (*called)(Result<std::vector<Tensor>>(Failure(code, oar_error_message(error))));
      std::vector<Tensor> tensors(count);
      Adopt(made, tensors);
      (*called)(Result<std::vector<Tensor>>(std::move(tensors)));
    };
    const Result<uint64_t> id = Get(uint64_t{0}, oar_predictor_infer_async, handle(), &options, inputs.data(),
                                    inputs.size(), outputs.data(), outputs.size(), call, owned.get());
    if (id) (void)owned.release();
    return id;
  }
  Result<void> Cancel(uint64_t request_id) const { return Call(oar_predictor_cancel, handle(), request_id); }

  // Several at once, side by side as far as there are executions. Each request has a code of its own; that of the call
  // is OAR_OK also if some failed.
  Result<void> InferBatch(Span<Request> requests, const InferOptions& options = {}) const {
    const Result<ModelDescription> model = Describe();
    if (!model) return model.failure();
    std::vector<TensorList> outputs;
    std::vector<oar_request> asked;
    outputs.reserve(requests.size());
    for (Request& request : requests) {
      if (request.outputs.empty()) request.outputs.resize(model->output_count);
      TensorList& handles = outputs.emplace_back(request.outputs);
      asked.push_back({request.inputs.data(), request.inputs.size(), handles.data(), handles.size(), OAR_OK});
    }
    const Result<void> ended = Call(oar_predictor_infer_batch, handle(), &options, asked.data(), asked.size());
    for (size_t i = 0; ended && i < requests.size(); ++i) {
      requests[i].code = asked[i].code;
      if (asked[i].code == OAR_OK) Adopt(outputs[i].data(), requests[i].outputs);
    }
    return ended;
  }

 private:
  static Result<Predictor> Made(const Result<oar_predictor>& handle) {
    if (!handle) return handle.failure();
    return Predictor(handle.value());
  }
  // Takes over the handles of new tensors.
  static void Adopt(const oar_tensor* handles, Span<Tensor> tensors) {
    for (Tensor& tensor : tensors) {
      if (!tensor) tensor = Tensor(*handles);
      ++handles;
    }
  }
  Result<std::vector<Port>> Ports(size_t oar_model_description::*count,
                                  oar_code (*describe)(oar_predictor, size_t, oar_port*, oar_error**)) const {
    const Result<ModelDescription> model = Describe();
    if (!model) return model.failure();
    std::vector<Port> ports;
    for (size_t i = 0; i < (*model).*count; ++i) {
      const Result<Port> port = Get(Port(), describe, handle(), i);
      if (!port) return port.failure();
      ports.push_back(*port);
    }
    return Result<std::vector<Port>>(std::move(ports));
  }
};

}  // namespace v1
}  // namespace oarlock

#endif  // OARLOCK_CPP_PREDICTOR_HPP_

#include "bench/model_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/status.h"
#include "bench/allocation_count.h"
#include "bench/arrivals.h"

namespace oarlock {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

namespace {

BatchCounts Difference(const ModelStatistics& before, const ModelStatistics& after) {
  BatchCounts counts;
  for (const auto& [rows, runs] : after.by_batch_size) {
    const auto earlier = before.by_batch_size.find(rows);
    const int64_t more = runs.runs - (earlier == before.by_batch_size.end() ? 0 : earlier->second.runs);
    if (more > 0) counts.runs[rows] = more;
  }
  for (size_t i = 0; i < kCloseReasonCount; ++i) {
    const int64_t more = after.closed[i] - before.closed[i];
    if (more > 0) counts.closed[std::string(NameOf(static_cast<CloseReason>(i)))] = more;
  }
  counts.padding_rows = after.padding_rows - before.padding_rows;
  return counts;
}

}  // namespace

// One thread's request, used again and again.
struct ModelTarget::Caller {
  Predictor* predictor = nullptr;
  std::mutex* lock = nullptr;
  InferenceRequest request;
  InferenceResponse response;
  std::vector<Tensor> rooms;
  BlockResult result;

  absl::Status Infer() {
    if (lock == nullptr) return predictor->Infer(request, &response);
    const std::lock_guard locked(*lock);
    return predictor->Infer(request, &response);
  }
  bool Call() {
    const absl::Status status = Infer();
    if (status.ok()) {
      ++result.requests;
      return true;
    }
    if (result.errors++ == 0) result.first_error = std::string(MessageOf(status));
    return false;
  }
  // Each call has its own time. Until `until`, or as many as `calls` says if it is above 0.
  void Closed(steady_clock::time_point until, int64_t calls) {
    auto before = steady_clock::now();
    for (int64_t i = 0; calls > 0 ? i < calls : before < until; ++i) {
      const bool answered = Call();
      const auto after = steady_clock::now();
      if (answered) result.latencies_ns.push_back((after - before).count());
      before = after;
    }
  }
  // The clock is read once in so many calls.
  void ClosedInSum(steady_clock::time_point until, int64_t calls) {
    constexpr int64_t kChunk = 32;
    int64_t chunk = 1;  // one at first: the model may take long
    for (int64_t left = calls; calls > 0 ? left > 0 : steady_clock::now() < until; left -= chunk) {
      const auto before = steady_clock::now();
      for (int64_t i = 0; i < chunk; ++i) Call();
      if (calls == 0 && steady_clock::now() - before < std::chrono::microseconds(100)) chunk = kChunk;
    }
  }
  void Open(steady_clock::time_point start, const std::vector<int64_t>& due, std::atomic<size_t>* next) {
    for (size_t i = next->fetch_add(1); i < due.size(); i = next->fetch_add(1)) {
      const auto at = start + nanoseconds(due[i]);
      std::this_thread::sleep_until(at);
      if (Call()) result.latencies_ns.push_back((steady_clock::now() - at).count());
    }
  }
};

absl::StatusOr<std::unique_ptr<ModelTarget>> ModelTarget::Create(std::shared_ptr<Predictor> predictor,
                                                                 std::vector<Tensor> inputs,
                                                                 ModelTargetOptions options) {
  const auto model = predictor->model();
  if (model == nullptr) return predictor->status();
  if (inputs.size() != model->inputs.size()) {
    return InvalidArgument("model '{}' has {} inputs; {} were given", model->name, model->inputs.size(), inputs.size());
  }
  std::unique_ptr<ModelTarget> target(new ModelTarget(std::move(predictor), std::move(inputs), std::move(options)));
  OAR_ASSIGN_OR_RETURN(const auto caller, target->NewCaller());  // what cannot run says so here
  if (!caller->Call()) return InvalidArgument("a first call failed: {}", caller->result.first_error);
  return target;
}

std::string ModelTarget::name() const {
  if (!options_.name.empty()) return options_.name;
  const auto model = predictor_->model();
  return fmt::format("{} on {}, in process", model->name, model->compiled->engine()->name());
}

absl::StatusOr<std::unique_ptr<ModelTarget::Caller>> ModelTarget::NewCaller() const {
  const auto model = predictor_->model();
  auto caller = std::make_unique<Caller>();
  caller->predictor = predictor_.get();
  caller->lock = options_.lock;
  caller->request.batched = options_.queued;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    caller->request.inputs.push_back(RequestInput::Of(model->inputs[i].name, inputs_[i].view()));
  }
  // Room for each output, of the size that a first call shows; BYTES stay where the engine has them.
  const absl::Status status = predictor_->Infer(caller->request, &caller->response);
  if (!status.ok()) return status;
  std::vector<RequestOutput> outputs;
  for (const InferenceOutput& output : caller->response.outputs()) {
    Tensor room;
    if (output.view.dtype != DType::kBytes) {
      OAR_ASSIGN_OR_RETURN(room, Tensor::Allocate(output.view.dtype, output.view.shape));
    }
    for (const PublicOutput& port : model->outputs) {
      if (port.port.name == output.name) outputs.push_back({port.port.name, room.data(), room.size_bytes()});
    }
    caller->rooms.push_back(std::move(room));
  }
  caller->response.Release();
  caller->request.outputs.assign(outputs.begin(), outputs.end());
  return caller;
}

absl::StatusOr<BlockResult> ModelTarget::Run(const Load& load) {
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < load.concurrency; ++i) {
    OAR_ASSIGN_OR_RETURN(callers.emplace_back(), NewCaller());
    // So that keeping a time does not take memory in the middle.
    if (!load.sum_only)
      callers.back()->result.latencies_ns.reserve(load.calls > 0 ? static_cast<size_t>(load.calls) : size_t{1} << 16);
  }
  const std::vector<int64_t> due = ArrivalTimes(load);
  const ModelStatistics before = predictor_->model()->statistics();
  std::atomic<size_t> next{0};
  const auto start = steady_clock::now();
  const auto work = [&](Caller& caller) {
    if (load.sum_only) {
      caller.ClosedInSum(start + load.duration, load.calls);
    } else if (load.arrivals == Arrivals::kClosed) {
      caller.Closed(start + load.duration, load.calls);
    } else {
      caller.Open(start, due, &next);
    }
  };
  std::vector<std::thread> threads;
  for (size_t i = 1; i < callers.size(); ++i) threads.emplace_back([&, i] { work(*callers[i]); });
  work(*callers[0]);
  for (std::thread& thread : threads) thread.join();
  BlockResult sum;
  sum.elapsed = steady_clock::now() - start;
  if (options_.queued) sum.batches = Difference(before, predictor_->model()->statistics());
  for (const auto& caller : callers) {
    const BlockResult& result = caller->result;
    sum.requests += result.requests;
    if (sum.errors == 0) sum.first_error = result.first_error;
    sum.errors += result.errors;
    sum.latencies_ns.insert(sum.latencies_ns.end(), result.latencies_ns.begin(), result.latencies_ns.end());
  }
  return sum;
}

absl::StatusOr<Anatomy> ModelTarget::LookInside() {
  constexpr int kCallsMax = 200;
  constexpr std::chrono::seconds kTime(1);  // enough of a large model
  OAR_ASSIGN_OR_RETURN(const auto caller, NewCaller());
  for (int i = 0; i < 3; ++i) caller->Call();
  nanoseconds queue{0};
  nanoseconds prepare{0};
  nanoseconds compute{0};
  nanoseconds finish{0};
  Anatomy anatomy;
  AllocationCount::ours = 0;
  AllocationCount::engine = 0;
  AllocationCount::counting = true;
  int calls = 0;
  for (const auto until = steady_clock::now() + kTime; calls < kCallsMax && (calls == 0 || steady_clock::now() < until);
       ++calls) {
    caller->Call();
    const RequestTimes& times = caller->response.times();
    queue += times.queue;
    prepare += times.prepare;
    compute += times.compute;
    finish += times.finish;
  }
  AllocationCount::counting = false;
  if (AllocationCount::available) {
    anatomy.own_allocations_per_call = static_cast<double>(AllocationCount::ours) / calls;
    anatomy.engine_allocations_per_call = static_cast<double>(AllocationCount::engine) / calls;
  }
  const auto us = [calls](nanoseconds sum) { return static_cast<double>(sum.count()) / 1000.0 / calls; };
  anatomy.stages_us = {
      {"queue", us(queue)}, {"prepare", us(prepare)}, {"compute", us(compute)}, {"finish", us(finish)}};
  const CopyReport& copies = caller->response.copies();
  for (int32_t reason = 0; reason < OAR_COPY_REASON_COUNT; ++reason) {
    const CopyReport::Entry& entry = copies[static_cast<CopyReason>(reason)];
    if (entry.count > 0) {
      anatomy.copies_per_call[std::string(NameOf(static_cast<CopyReason>(reason)))] = {entry.count, entry.bytes};
    }
  }
  return anatomy;
}

}  // namespace oarlock

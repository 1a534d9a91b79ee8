#include "runtime/shadow.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

#include "base/status.h"
#include "tensor/half.h"

namespace oarlock {
namespace {

// A comparison is worth no more than that; later the queue is for what is current.
constexpr std::chrono::seconds kWaitMax(10);

// What a shadow's request is made of, and what its answer is compared with.
struct Copy {
  std::vector<std::string> names;
  std::vector<Tensor> inputs;
  std::shared_ptr<const void> keep_alive;
  std::vector<std::string> output_names;
  std::vector<Tensor> outputs;

  std::vector<InferenceOutput> Answer() const {
    std::vector<InferenceOutput> answer;
    for (size_t i = 0; i < outputs.size(); ++i) answer.push_back({output_names[i], outputs[i].view()});
    return answer;
  }
};

// `*asked` views what `copy` owns.
absl::Status CopyRequest(const InferenceRequest& request, Copy* copy, InferenceRequest* asked) {
  copy->names.reserve(request.inputs.size());  // views of them must stay
  for (const RequestInput& input : request.inputs) {
    copy->names.emplace_back(input.name);
    RequestInput& to = asked->inputs.emplace_back(input);
    to.name = copy->names.back();
    if (request.keep_alive != nullptr) continue;
    std::string room;
    const std::span<const std::byte> bytes = Joined(input, &room);
    OAR_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Clone({input.dtype, input.shape, bytes.data(), bytes.size()}));
    to.segments.clear();
    to.segments.push_back({tensor.data(), tensor.size_bytes()});
    copy->inputs.push_back(std::move(tensor));
  }
  copy->keep_alive = request.keep_alive;
  return absl::OkStatus();
}

absl::Status CopyAnswer(const InferenceResponse& answer, Copy* copy, InferenceRequest* asked) {
  copy->output_names.reserve(answer.outputs().size());
  for (const InferenceOutput& output : answer.outputs()) {
    copy->output_names.emplace_back(output.name);
    OAR_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Clone(output.view));
    copy->outputs.push_back(std::move(tensor));
    asked->outputs.push_back({copy->output_names.back(), nullptr, 0});
  }
  return absl::OkStatus();
}

bool IsClose(double one, double other, double tolerance) {
  if (std::isnan(one) || std::isnan(other)) return std::isnan(one) && std::isnan(other);
  if (one == other) return true;  // infinities too
  return std::abs(one - other) <= tolerance * (1 + std::abs(one));
}

template <typename T, typename Widen>
bool AreClose(const TensorView& one, const TensorView& other, double tolerance, Widen widen) {
  for (size_t at = 0; at + sizeof(T) <= one.size_bytes; at += sizeof(T)) {
    T a;
    T b;
    std::memcpy(&a, one.data + at, sizeof a);
    std::memcpy(&b, other.data + at, sizeof b);
    if (!IsClose(static_cast<double>(widen(a)), static_cast<double>(widen(b)), tolerance)) return false;
  }
  return true;
}

bool ViewsMatch(const TensorView& one, const TensorView& other, double tolerance) {
  if (one.dtype != other.dtype || !(one.shape == other.shape) || one.size_bytes != other.size_bytes) return false;
  const auto as_it_is = [](auto value) { return value; };
  switch (one.dtype) {
    case DType::kF32:
      return AreClose<float>(one, other, tolerance, as_it_is);
    case DType::kF64:
      return AreClose<double>(one, other, tolerance, as_it_is);
    case DType::kF16:
      return AreClose<uint16_t>(one, other, tolerance, [](uint16_t bits) { return FromHalf(bits); });
    case DType::kBF16:
      return AreClose<uint16_t>(one, other, tolerance, [](uint16_t bits) { return FromBrain(bits); });
    default:  // integers and texts are the same or they are not
      return one.size_bytes == 0 || std::memcmp(one.data, other.data, one.size_bytes) == 0;
  }
}

absl::Status Ask(const Shadow& shadow, const InferenceRequest& request, const InferenceResponse& answer) {
  const auto model = shadow.predictor->model();
  if (model == nullptr) return shadow.predictor->status();
  // Each keeps its inputs, although the client that sent them has his answer and may send more.
  if (static_cast<int64_t>(model->pool->queue_size()) >= model->limits.shadow_requests_max) {
    return Unavailable("{} requests wait already (`shadow_requests_max`)", model->pool->queue_size());
  }
  auto copy = std::make_shared<Copy>();
  InferenceRequest asked;
  OAR_RETURN_IF_ERROR(CopyRequest(request, copy.get(), &asked));
  OAR_RETURN_IF_ERROR(CopyAnswer(answer, copy.get(), &asked));
  asked.priority = Priority::kLow;
  asked.deadline = model->clock->Now() + kWaitMax;
  asked.keep_alive = copy;
  return shadow.predictor
      ->InferAsync(std::move(asked),
                   [copy, statistics = shadow.statistics, tolerance = shadow.tolerance](absl::Status status,
                                                                                        InferenceResponse response) {
                     if (absl::IsDeadlineExceeded(status) || absl::IsCancelled(status)) {
                       ++statistics->dropped;
                     } else if (!status.ok()) {
                       ++statistics->failed;
                     } else {
                       const bool match = AnswersMatch(copy->Answer(), response.outputs(), tolerance);
                       ++(match ? statistics->matched : statistics->differed);
                     }
                   })
      .status();
}

}  // namespace

bool AnswersMatch(std::span<const InferenceOutput> one, std::span<const InferenceOutput> other, float tolerance) {
  if (one.size() != other.size()) return false;
  return std::all_of(one.begin(), one.end(), [&](const InferenceOutput& output) {
    const auto found =
        std::find_if(other.begin(), other.end(), [&](const InferenceOutput& each) { return each.name == output.name; });
    return found != other.end() && ViewsMatch(output.view, found->view, static_cast<double>(tolerance));
  });
}

void AskShadow(const Shadow& shadow, const InferenceRequest& request, const InferenceResponse& answer) {
  absl::Status status;
  try {
    status = Ask(shadow, request, answer);
  } catch (const std::bad_alloc&) {
    status = ResourceExhausted("no memory left for a shadow's request");
  }
  if (status.ok()) return;
  // It asks what the version does not take: that is an answer too.
  ++(absl::IsInvalidArgument(status) ? shadow.statistics->failed : shadow.statistics->dropped);
}

}  // namespace oarlock

#include "requests.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "base/status.h"

namespace oarlock {

// Lives as long as anything of it is lent, and then has to be gone.
struct Requests::Question {
  Tally* tally = nullptr;
  std::vector<float> x;
  std::vector<float> room;  // for the answer; empty = the answer's own
  float added = 0;
  InferenceRequest request;  // without its keep_alive
  bool has_deadline = false;
  std::atomic<int> endings{0};

  ~Question() {
    ++tally->released;
    // Whoever still reads or writes this is told by a wrong answer, or by the sanitizer.
    std::fill(x.begin(), x.end(), -1e9F);
    std::fill(room.begin(), room.end(), -1e9F);
  }
};

std::shared_ptr<Requests::Question> Requests::NewQuestion(const LoadedModel& model) {
  auto question = std::make_shared<Question>();
  question->tally = &tally_;
  ++tally_.lent;
  const size_t rows = 1 + random_() % 5;  // five are more than a batch holds
  for (size_t i = 0; i < rows * 2; ++i) question->x.push_back(static_cast<float>(random_() % 1000));
  question->added = world_.AddedBy(model.identity);
  RequestInput input;
  input.name = "x";
  input.dtype = DType::kF32;
  input.shape = Shape{static_cast<int64_t>(rows), 2};
  // In one piece or two.
  const std::span<const std::byte> bytes = std::as_bytes(std::span(question->x));
  const size_t cut = Chance(3) ? 8 : bytes.size();
  input.segments.push_back({bytes.data(), std::min(cut, bytes.size())});
  if (cut < bytes.size()) input.segments.push_back({bytes.data() + cut, bytes.size() - cut});
  question->request.inputs.push_back(std::move(input));
  if (Chance(2)) {
    question->room.resize(rows * 2);
    question->request.outputs.push_back({"y", question->room.data(), rows * 2 * sizeof(float)});
  }
  constexpr Priority kPriorities[] = {Priority::kHigh, Priority::kNormal, Priority::kLow};
  question->request.priority = kPriorities[random_() % 3];
  if (Chance(3)) {
    question->has_deadline = true;
    question->request.deadline =
        clock_.Now() + std::chrono::microseconds(random_() % static_cast<uint64_t>(deadline_max_.count()));
  }
  return question;
}

std::optional<RoutedPredictor> Requests::PickOne() {
  const std::string& name = world_.names()[random_() % world_.names().size()];
  std::optional<uint64_t> pinned;
  if (Chance(4)) pinned = 1 + random_() % 3;  // there is no third
  std::optional<std::string_view> key;
  if (Chance(4)) key = "a key";
  auto picked = world_.repository().Pick(name, pinned, key);
  if (picked.ok()) return *std::move(picked);
  // Removed for a while, or no such version.
  EXPECT_TRUE(absl::IsNotFound(picked.status()) || absl::IsFailedPrecondition(picked.status())) << picked.status();
  return std::nullopt;
}

void Requests::Check(const Question& question, const absl::Status& status, const InferenceResponse& response) {
  if (!status.ok()) {
    const bool may_expire = question.has_deadline && clock_.Now() >= question.request.deadline;
    if (absl::IsCancelled(status)) {
      ++tally_.cancelled;
    } else if (absl::IsDeadlineExceeded(status) && may_expire) {
      ++tally_.expired;
    } else if (absl::IsResourceExhausted(status) && MessageOf(status).find("had enough") != std::string_view::npos) {
      ++tally_.failed;
    } else {
      ++tally_.wrong;
      ADD_FAILURE() << status;
    }
    return;
  }
  const InferenceOutput* const output = response.Find("y");
  bool right = output != nullptr && output->view.shape == question.request.inputs[0].shape;
  if (right) {
    const auto y = output->view.As<float>();
    right = y.size() == question.x.size() && (question.room.empty() || y.data() == question.room.data());
    for (size_t i = 0; right && i < y.size(); ++i) right = y[i] == question.x[i] + question.added;
  }
  ++(right ? tally_.answered : tally_.wrong);
  EXPECT_TRUE(right) << "an answer is not that of the version that was asked";
}

void Requests::AskLater() {
  auto picked = PickOne();
  if (!picked) return;
  ++tally_.asked;
  auto question = NewQuestion(*picked->model());
  InferenceRequest request = question->request;
  request.keep_alive = question;
  Question* const bare = question.get();  // kept by keep_alive until the answer has been given
  question.reset();
  const bool keep = Chance(8);
  const auto id =
      picked->InferAsync(std::move(request), [this, bare, keep](absl::Status status, InferenceResponse response) {
        if (++bare->endings != 1) ++tally_.wrong;
        Check(*bare, status, response);
        if (!keep || !status.ok()) return;
        const std::lock_guard lock(mutex_);
        kept_.push_back(std::move(response));
      });
  if (id.ok()) {
    cancellable_.emplace_back(*std::move(picked), *id);
    if (cancellable_.size() > 8) cancellable_.erase(cancellable_.begin());
    return;
  }
  ++tally_.refused;
  const absl::StatusCode code = id.status().code();
  const bool is_due = code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kFailedPrecondition ||
                      (code == absl::StatusCode::kInvalidArgument && picked->model()->pool->batching().enabled());
  EXPECT_TRUE(is_due) << id.status();
  if (!is_due) ++tally_.wrong;
}

void Requests::AskInline() {
  const auto picked = PickOne();
  if (!picked) return;
  const auto question = NewQuestion(*picked->model());
  InferenceResponse response;
  const auto status = picked->InferIfShort(question->request, &response);
  if (!status) return;
  ++tally_.asked;
  if (absl::IsInvalidArgument(*status) || absl::IsFailedPrecondition(*status)) {
    ++tally_.refused;
    return;
  }
  Check(*question, *status, response);
  if (!status->ok() || !question->room.empty() || !Chance(8)) return;
  const std::lock_guard lock(mutex_);
  kept_.push_back(std::move(response));
}

void Requests::AskAndWait() {
  const auto picked = PickOne();
  if (!picked) return;
  Release();  // what is kept may be all there is
  ++tally_.asked;
  const auto question = NewQuestion(*picked->model());
  question->request.batched = Chance(2);
  // Answers that are kept meanwhile, by this client or another one that waits too, may hold what is waited for.
  question->has_deadline = true;
  question->request.deadline = std::min(question->request.deadline, clock_.Now() + 10 * deadline_max_);
  InferenceResponse response;
  const absl::Status status = picked->Infer(question->request, &response);
  if (absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status) || absl::IsUnavailable(status)) {
    ++tally_.refused;
    return;
  }
  Check(*question, status, response);
}

void Requests::CancelOne() {
  if (cancellable_.empty()) return;
  const size_t index = random_() % cancellable_.size();
  cancellable_[index].first.Cancel(cancellable_[index].second);
  cancellable_.erase(cancellable_.begin() + static_cast<std::ptrdiff_t>(index));
}

void Requests::Release() {
  std::vector<InferenceResponse> released;
  const std::lock_guard lock(mutex_);
  released.swap(kept_);
}

}  // namespace oarlock

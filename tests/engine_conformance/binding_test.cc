#include "conformance.h"

namespace oarlock {
namespace {

using absl::StatusCode;

class Bound {
 public:
  explicit Bound(std::unique_ptr<EngineExecution> execution) : execution_(std::move(execution)) {}
  EngineExecution* operator->() { return execution_.get(); }
  EngineExecution& operator*() { return *execution_; }
  CopyReason reason = CopyReason::kNone;

 private:
  std::unique_ptr<EngineExecution> execution_;
};

TEST_P(EngineConformance, ReadsBoundInputWhereItLies) {
  Bound execution(Make(Sample::kAddStatic));
  auto x = Counting<float>(16);
  ASSERT_TRUE(execution->BindInput(0, ViewOf(x, {1, 16}), &execution.reason).ok());
  EXPECT_EQ(execution.reason, CopyReason::kNone);
  ASSERT_TRUE(execution->Run().ok());
  EXPECT_EQ(ValuesOf<float>(*execution, 0), Counting<float>(16, 1));
  // New values at the same address, not bound again: only who reads there sees them.
  for (float& value : x) value += 100;
  ASSERT_TRUE(execution->Run().ok());
  EXPECT_EQ(ValuesOf<float>(*execution, 0), Counting<float>(16, 101));
}

TEST_P(EngineConformance, NeverWritesToAnInput) {
  Bound execution(Make(Sample::kAddStatic));
  const auto x = Counting<float>(16);
  ASSERT_TRUE(execution->BindInput(0, ViewOf(x, {1, 16}), &execution.reason).ok());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(execution->Run().ok());
  EXPECT_EQ(x, Counting<float>(16));
}

TEST_P(EngineConformance, WritesBoundOutputInPlace) {
  Bound execution(Make(Sample::kAddStatic));
  const auto x = Counting<float>(16);
  std::vector<float> room(16 + 4, -1.0F);
  ASSERT_TRUE(execution->BindInput(0, ViewOf(x, {1, 16}), &execution.reason).ok());
  ASSERT_TRUE(execution->BindOutput(0, DType::kF32, {1, 16}, room.data(), 16 * sizeof(float), &execution.reason).ok());
  EXPECT_EQ(execution.reason, CopyReason::kNone);
  ASSERT_TRUE(execution->Run().ok());
  EngineOutput output;
  ASSERT_TRUE(execution->Output(0, &output).ok());
  EXPECT_EQ(output.view.data, reinterpret_cast<const std::byte*>(room.data()));
  EXPECT_EQ(output.view.size_bytes, 16 * sizeof(float));
  EXPECT_EQ(output.view.shape, (Shape{1, 16}));
  EXPECT_EQ(output.copied, CopyReason::kNone);
  EXPECT_EQ(std::vector<float>(room.begin(), room.begin() + 16), Counting<float>(16, 1));
  EXPECT_EQ(std::vector<float>(room.begin() + 16, room.end()), std::vector<float>(4, -1.0F));
}

TEST_P(EngineConformance, AnyAddressWillDo) {
  Bound execution(Make(Sample::kAddStatic));
  std::vector<std::byte> in(16 * 4 + 1);
  std::vector<std::byte> out(16 * 4 + 1);
  const auto x = Counting<float>(16);
  std::memcpy(in.data() + 1, x.data(), 64);
  ASSERT_TRUE(execution->BindInput(0, {DType::kF32, {1, 16}, in.data() + 1, 64}, &execution.reason).ok());
  ASSERT_TRUE(execution->BindOutput(0, DType::kF32, {1, 16}, out.data() + 1, 64, &execution.reason).ok());
  ASSERT_TRUE(execution->Run().ok());
  EngineOutput output;
  ASSERT_TRUE(execution->Output(0, &output).ok());
  std::vector<float> y(16);
  std::memcpy(y.data(), output.view.data, 64);
  EXPECT_EQ(y, Counting<float>(16, 1));
}

TEST_P(EngineConformance, RoomThatIsTooSmallIsNeverWritten) {
  Bound execution(Make(Sample::kAddStatic));
  const auto x = Counting<float>(16);
  std::vector<float> room(16, -1.0F);
  ASSERT_TRUE(execution->BindInput(0, ViewOf(x, {1, 16}), &execution.reason).ok());
  ASSERT_TRUE(execution->BindOutput(0, DType::kF32, {1, 15}, room.data(), 15 * sizeof(float), &execution.reason).ok());
  EXPECT_EQ(execution.reason, CopyReason::kDynamicOutput);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(execution->Run().ok());
  EngineOutput output;
  ASSERT_TRUE(execution->Output(0, &output).ok());
  EXPECT_EQ(output.copied, CopyReason::kDynamicOutput);
  EXPECT_NE(output.view.data, reinterpret_cast<const std::byte*>(room.data()));
  EXPECT_EQ(ValuesOf<float>(*execution, 0), Counting<float>(16, 1));
  EXPECT_EQ(room, std::vector<float>(16, -1.0F));
}

TEST_P(EngineConformance, DynamicOutputThatOutgrowsItsRoomIsNotCut) {
  Bound execution(Make(Sample::kAddDynamic));
  std::vector<float> room(64, -1.0F);
  ASSERT_TRUE(execution->BindOutput(0, DType::kF32, {2, 4}, room.data(), 8 * sizeof(float), &execution.reason).ok());
  for (int64_t rows : {1, 2, 3, 9, 2, 16}) {
    const auto x = Counting<float>(static_cast<size_t>(rows) * 4);
    ASSERT_TRUE(execution->BindInput(0, ViewOf(x, {rows, 4}), &execution.reason).ok());
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(execution->Run().ok());
    EngineOutput output;
    ASSERT_TRUE(execution->Output(0, &output).ok());
    EXPECT_EQ(output.view.shape, (Shape{rows, 4}));
    EXPECT_EQ(ValuesOf<float>(*execution, 0), Counting<float>(x.size(), 1)) << rows;
    // Where it says it is in the room, it is; past the room nothing is.
    const bool in_room = output.view.data == reinterpret_cast<const std::byte*>(room.data());
    EXPECT_EQ(in_room, output.copied == CopyReason::kNone);
    if (rows > 2) {
      EXPECT_FALSE(in_room);
    }
    EXPECT_EQ(std::vector<float>(room.begin() + 8, room.end()), std::vector<float>(56, -1.0F));
  }
}

TEST_P(EngineConformance, RoomTakenBackIsNotWrittenAgain) {
  Bound execution(Make(Sample::kAddStatic));
  auto x = Counting<float>(16);
  std::vector<float> room(16, -1.0F);
  ASSERT_TRUE(execution->BindInput(0, ViewOf(x, {1, 16}), &execution.reason).ok());
  ASSERT_TRUE(execution->BindOutput(0, DType::kF32, {1, 16}, room.data(), 64, &execution.reason).ok());
  ASSERT_TRUE(execution->Run().ok());
  ASSERT_TRUE(execution->UnbindOutput(0).ok());
  room.assign(16, -1.0F);
  for (float& value : x) value += 100;
  ASSERT_TRUE(execution->Run().ok());
  EXPECT_EQ(room, std::vector<float>(16, -1.0F));
  EXPECT_EQ(ValuesOf<float>(*execution, 0), Counting<float>(16, 101));
  ASSERT_TRUE(execution->BindOutput(0, DType::kF32, {1, 16}, room.data(), 64, &execution.reason).ok());
  ASSERT_TRUE(execution->Run().ok());
  EXPECT_EQ(room, Counting<float>(16, 101));
}

TEST_P(EngineConformance, RebindingMovesToTheNewMemory) {
  Bound execution(Make(Sample::kAddStatic));
  for (int i = 0; i < 20; ++i) {
    const auto x = Counting<float>(16, static_cast<float>(i));
    std::vector<float> room(16);
    ASSERT_TRUE(execution->BindInput(0, ViewOf(x, {1, 16}), &execution.reason).ok());
    ASSERT_TRUE(execution->BindOutput(0, DType::kF32, {1, 16}, room.data(), 64, &execution.reason).ok());
    ASSERT_TRUE(execution->Run().ok());
    EXPECT_EQ(room, Counting<float>(16, static_cast<float>(i) + 1));
  }
}

TEST_P(EngineConformance, WrongInputsAreRefusedByName) {
  Bound execution(Make(Sample::kAddDynamic));
  const auto x = Counting<float>(16);
  const auto bind = [&](size_t index, TensorView view) { return execution->BindInput(index, view, &execution.reason); };
  ExpectError(bind(1, ViewOf(x, {4, 4})), StatusCode::kInvalidArgument, {"input 1", "has 1"});
  ExpectError(bind(SIZE_MAX, ViewOf(x, {4, 4})), StatusCode::kInvalidArgument, {"input"});
  TensorView wrong = ViewOf(x, {4, 4});
  wrong.dtype = DType::kI32;
  ExpectError(bind(0, wrong), StatusCode::kInvalidArgument, {"'x'", "INT32", "FP32"});
  wrong.dtype = DType::kBytes;
  ExpectError(bind(0, wrong), StatusCode::kInvalidArgument, {"'x'", "BYTES", "FP32"});
  wrong.dtype = static_cast<DType>(77);
  ExpectError(bind(0, wrong), StatusCode::kInvalidArgument, {"'x'", "INVALID", "FP32"});
  ExpectError(bind(0, ViewOf(x, {16})), StatusCode::kInvalidArgument, {"'x'", "[16]", "[-1,4]"});
  ExpectError(bind(0, ViewOf(x, {2, 2, 4})), StatusCode::kInvalidArgument, {"'x'", "[2,2,4]", "[-1,4]"});
  ExpectError(bind(0, ViewOf(x, {2, 8})), StatusCode::kInvalidArgument, {"'x'", "[2,8]", "[-1,4]"});
  ExpectError(bind(0, ViewOf(x, {-1, 4})), StatusCode::kInvalidArgument, {"'x'", "[-1,4]"});
  ExpectError(bind(0, ViewOf(x, {INT64_MAX, 4})), StatusCode::kInvalidArgument, {"'x'"});
  ExpectError(bind(0, ViewOf(x, {5, 4})), StatusCode::kInvalidArgument, {"'x'", "64", "80"});
  TensorView missing = ViewOf(x, {4, 4});
  missing.data = nullptr;
  ExpectError(bind(0, missing), StatusCode::kInvalidArgument, {"'x'", "no data"});
  // A refused view leaves the execution as it was.
  ExpectError(execution->Run(), StatusCode::kFailedPrecondition, {"bind every input"});
  ASSERT_TRUE(bind(0, ViewOf(x, {4, 4})).ok());
  EXPECT_FALSE(bind(0, ViewOf(x, {16})).ok());
  ASSERT_TRUE(execution->Run().ok());
  EXPECT_EQ(ValuesOf<float>(*execution, 0), Counting<float>(16, 1));
}

TEST_P(EngineConformance, WrongRoomIsRefusedByName) {
  Bound execution(Make(Sample::kAddStatic));
  std::vector<float> room(16);
  const auto bind = [&](size_t index, DType dtype) {
    return execution->BindOutput(index, dtype, {1, 16}, room.data(), 64, &execution.reason);
  };
  ExpectError(bind(1, DType::kF32), StatusCode::kInvalidArgument, {"output 1", "has 1"});
  ExpectError(bind(0, DType::kI64), StatusCode::kInvalidArgument, {"'y'", "INT64", "FP32"});
  ExpectError(execution->UnbindOutput(7), StatusCode::kInvalidArgument, {"output 7"});
  ExpectError(execution->OutputShape(7).status(), StatusCode::kInvalidArgument, {"output 7"});
  EngineOutput output;
  ExpectError(execution->Output(7, &output), StatusCode::kInvalidArgument, {"output 7"});
}

TEST_P(EngineConformance, OutputShapeIsRightOrKnownOnlyAfterTheRun) {
  Bound fixed(Make(Sample::kAddStatic));
  ASSERT_TRUE(fixed->OutputShape(0).ok());
  EXPECT_EQ(*fixed->OutputShape(0), (Shape{1, 16}));

  Bound dynamic(Make(Sample::kAddDynamic));
  ExpectError(dynamic->OutputShape(0).status(), StatusCode::kFailedPrecondition, {"'y'"});
  const auto x = Counting<float>(12);
  ASSERT_TRUE(dynamic->BindInput(0, ViewOf(x, {3, 4}), &dynamic.reason).ok());
  const auto shape = dynamic->OutputShape(0);
  if (shape.ok()) {
    EXPECT_EQ(*shape, (Shape{3, 4}));
  } else {
    ExpectError(shape.status(), StatusCode::kFailedPrecondition, {"'y'", "after the run"});
  }
}

}  // namespace
}  // namespace oarlock

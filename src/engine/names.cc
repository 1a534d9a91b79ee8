#include "engine/engine.h"

namespace oarlock {

std::string_view NameOf(Format format) {
  switch (format) {
    case Format::kUnknown:
      break;
    case Format::kPaddle:
      return "paddle";
    case Format::kPaddlePir:
      return "paddle-pir";
    case Format::kOnnx:
      return "onnx";
    case Format::kOpenVinoIr:
      return "openvino-ir";
    case Format::kTorchScript:
      return "torchscript";
    case Format::kFake:
      return "fake";
  }
  return "unknown";
}

std::string_view NameOf(CopyReason reason) {
  switch (reason) {
    case CopyReason::kNone:
      return "none";
    case CopyReason::kUnaligned:
      return "unaligned";
    case CopyReason::kBatched:
      return "batched";
    case CopyReason::kGathered:
      return "gathered";
    case CopyReason::kStrided:
      return "strided";
    case CopyReason::kDynamicOutput:
      return "dynamic_output";
    case CopyReason::kDType:
      return "dtype";
    case CopyReason::kStrings:
      return "strings";
    case CopyReason::kUntrusted:
      return "untrusted";
  }
  return "unknown";
}

std::string_view NameOf(Weights weights) { return weights == Weights::kShared ? "shared" : "packed"; }

std::string_view NameOf(Precision precision) {
  switch (precision) {
    case Precision::kF32:
      return "f32";
    case Precision::kBF16:
      return "bf16";
    case Precision::kF16:
      return "f16";
  }
  return "unknown";
}

}  // namespace oarlock

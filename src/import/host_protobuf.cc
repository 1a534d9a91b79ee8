#include "import/host_protobuf.h"

#include <dlfcn.h>

#include <string>

#include "base/status.h"

namespace oarlock {
namespace {

// What the importer needs, as the linker names it (src/import/CMakeLists.txt links Debian's).
constexpr char kProtobuf[] = "libprotobuf.so.32";
constexpr char kOnnxMessages[] = "libonnx_proto.so.1";
constexpr char kMessage[] = "onnx.ModelProto";

// Of libprotobuf, called without linking it: DescriptorPool::generated_pool() and FindMessageTypeByName(), which is a
// member, and takes its object as the first argument.
constexpr char kGeneratedPool[] = "_ZN6google8protobuf14DescriptorPool14generated_poolEv";
constexpr char kFindMessage[] =
    "_ZNK6google8protobuf14DescriptorPool21FindMessageTypeByNameERKNSt7__cxx1112basic_stringIcSt11char_"
    "traitsIcESaIcEEE";
using GeneratedPool = const void* (*)();
using FindMessage = const void* (*)(const void* pool, const std::string& name);

// A library that is in the process already; null if it is not. It stays as it is.
void* Loaded(const char* soname) { return dlopen(soname, RTLD_LAZY | RTLD_NOLOAD); }

}  // namespace

absl::Status CheckHostProtobuf() {
  void* const protobuf = Loaded(kProtobuf);
  if (protobuf == nullptr) return absl::OkStatus();  // the importer brings its own
  void* const onnx = Loaded(kOnnxMessages);
  const auto pool = reinterpret_cast<GeneratedPool>(dlsym(protobuf, kGeneratedPool));
  const auto find = reinterpret_cast<FindMessage>(dlsym(protobuf, kFindMessage));
  // Where the host has ONNX's own messages from the same library, there is one of each.
  const bool clashes = onnx == nullptr && pool != nullptr && find != nullptr && find(pool(), kMessage) != nullptr;
  dlclose(protobuf);
  if (onnx != nullptr) dlclose(onnx);
  if (!clashes) return absl::OkStatus();
  return FailedPrecondition(
      "this program has a protobuf message '{}' of its own in {}, which the importer of Paddle models shares, and "
      "protobuf ends a process that has two; link the program's protobuf statically, or convert the model beforehand "
      "with `oarlock convert`",
      kMessage, kProtobuf);
}

}  // namespace oarlock

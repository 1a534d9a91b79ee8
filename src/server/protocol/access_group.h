// Which operation a question is, and which keys it needs: those of HTTP and of gRPC, from one table.
//
//   OperationOf("POST", "/v2/models/resnet/infer")                  // {kInfer, "ModelInfer"}
//   GroupOfMethod("/inference.GRPCInferenceService/ModelInfer")     // kInfer
//
// Thread rule: pure functions; any thread. Ownership: none.
#ifndef OARLOCK_SERVER_PROTOCOL_ACCESS_GROUP_H_
#define OARLOCK_SERVER_PROTOCOL_ACCESS_GROUP_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace oarlock {

enum class AccessGroup : uint8_t {
  kOpen,     // no key: is the server alive, is it ready
  kInfer,    // ask for inferences
  kRead,     // see what is served and how it does
  kControl,  // change what is served
};
inline constexpr size_t kAccessGroupCount = 4;
std::string_view NameOf(AccessGroup group);  // "open", "infer", "read", "control"

struct Operation {
  AccessGroup group = AccessGroup::kRead;
  std::string_view name;  // a constant; empty for what is no operation
};

// `target` is that of a request line in origin form; what follows a '?' is ignored, nothing is decoded or folded. HEAD
// is taken for GET. What is no operation (another path, another verb) is kRead: the answer says what there is.
Operation OperationOf(std::string_view method, std::string_view target);
inline AccessGroup GroupOf(std::string_view method, std::string_view target) {
  return OperationOf(method, target).group;
}

// `method` is the path of the call: "/package.Service/Method". Settings that one method both reads and writes are
// kControl; health is kOpen, reflection and everything unknown kRead.
AccessGroup GroupOfMethod(std::string_view method);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_ACCESS_GROUP_H_

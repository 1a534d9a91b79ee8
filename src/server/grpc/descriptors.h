// The files that protoc compiled our .proto into, as the bytes of a FileDescriptorSet. Constant; any thread.
#ifndef OARLOCK_SERVER_GRPC_DESCRIPTORS_H_
#define OARLOCK_SERVER_GRPC_DESCRIPTORS_H_

#include <string_view>

namespace oarlock {

std::string_view Descriptors();

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_DESCRIPTORS_H_

// The types of protobuf's wire format, as the low three bits of a field's key have them.
#ifndef OARLOCK_SERVER_GRPC_WIRE_TYPE_H_
#define OARLOCK_SERVER_GRPC_WIRE_TYPE_H_

#include <cstdint>

namespace oarlock {

enum class WireType : uint64_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_WIRE_TYPE_H_

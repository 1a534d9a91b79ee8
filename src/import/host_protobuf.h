// The host program may have messages of protobuf that are called as those of ONNX. Where it shares the importer's
// libprotobuf, both would be in one registry, and protobuf ends a process over that. So it is asked for beforehand.
#ifndef OARLOCK_IMPORT_HOST_PROTOBUF_H_
#define OARLOCK_IMPORT_HOST_PROTOBUF_H_

#include "absl/status/status.h"

namespace oarlock {

// FAILED_PRECONDITION if the importer cannot be opened in this process. To be asked before it is, for the first time.
absl::Status CheckHostProtobuf();

}  // namespace oarlock

#endif  // OARLOCK_IMPORT_HOST_PROTOBUF_H_

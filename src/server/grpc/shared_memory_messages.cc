// Shared memory of clients: system_shared_memory where it is on, and CUDA's, of which there is none.
#include "server/grpc/messages.h"

namespace oarlock {

absl::Status AnswerMessage(Service& service, const inference::SystemSharedMemoryStatusRequest& question,
                           inference::SystemSharedMemoryStatusResponse* answer) {
  OAR_ASSIGN_OR_RETURN(const auto rows, service.shared_memory().Rows(question.name()));
  for (const SharedMemoryRow& row : rows) {
    auto& region = (*answer->mutable_regions())[row.name];
    region.set_name(row.name);
    region.set_key(row.key);
    region.set_offset(row.offset);
    region.set_byte_size(row.size_bytes);
  }
  return absl::OkStatus();
}

absl::Status AnswerMessage(Service& service, const inference::SystemSharedMemoryRegisterRequest& question,
                           inference::SystemSharedMemoryRegisterResponse*) {
  return service.shared_memory().Register({question.name(), question.key(), question.offset(), question.byte_size()});
}

absl::Status AnswerMessage(Service& service, const inference::SystemSharedMemoryUnregisterRequest& question,
                           inference::SystemSharedMemoryUnregisterResponse*) {
  SharedMemory& regions = service.shared_memory();
  return question.name().empty() ? regions.UnregisterAll() : regions.Unregister(question.name());
}

absl::Status AnswerMessage(Service&, const inference::CudaSharedMemoryStatusRequest& question,
                           inference::CudaSharedMemoryStatusResponse*) {
  return question.name().empty() ? absl::OkStatus() : CudaSharedMemoryUnsupported();
}

absl::Status AnswerMessage(Service&, const inference::CudaSharedMemoryRegisterRequest&,
                           inference::CudaSharedMemoryRegisterResponse*) {
  return CudaSharedMemoryUnsupported();
}

absl::Status AnswerMessage(Service&, const inference::CudaSharedMemoryUnregisterRequest&,
                           inference::CudaSharedMemoryUnregisterResponse*) {
  return absl::OkStatus();  // to unregister what there is not is no error
}

}  // namespace oarlock

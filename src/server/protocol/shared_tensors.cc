#include "server/protocol/shared_tensors.h"

#include <utility>

#include "base/status.h"

namespace oarlock {
namespace {

using Region = std::shared_ptr<const SharedMemoryRegion>;

absl::Status CheckAllowed(const SharedMemory* regions) {
  return regions == nullptr ? SharedMemoryDisabled() : regions->CheckAllowed();
}

absl::StatusOr<Region> FindRegion(const SharedMemory* regions, const SharedMemoryPart& part) {
  if (part.region.empty()) return InvalidArgument("'shared_memory_region' is missing or empty");
  if (!part.size_bytes) return InvalidArgument("'shared_memory_byte_size' is missing");
  OAR_ASSIGN_OR_RETURN(Region region, regions->Find(part.region));
  OAR_RETURN_IF_ERROR(region->CheckPart(part.offset, *part.size_bytes));
  return region;
}

// Before memory is taken; of BYTES nothing is known until they have been read.
absl::Status CheckSize(const TensorView& view, uint64_t size_bytes) {
  if (view.dtype == DType::kBytes) return absl::OkStatus();
  OAR_ASSIGN_OR_RETURN(const size_t wanted, view.shape.SizeBytes(view.dtype));
  if (wanted == size_bytes) return absl::OkStatus();
  return InvalidArgument("{} {} takes {} bytes; shared_memory_byte_size is {}", NameOf(view.dtype),
                         view.shape.ToString(), wanted, size_bytes);
}

absl::Status ReadInput(const SharedMemory* regions, ParsedInput* input, uint64_t* left) {
  const SharedMemoryPart& part = *input->shared_memory;
  OAR_ASSIGN_OR_RETURN(const Region region, FindRegion(regions, part));
  OAR_RETURN_IF_ERROR(CheckSize(input->view, *part.size_bytes));
  if (*part.size_bytes > *left) {
    return InvalidArgument("the request takes more bytes from shared memory than shm_request_bytes_max allows");
  }
  *left -= *part.size_bytes;
  OAR_ASSIGN_OR_RETURN(input->owned, Buffer::Allocate(static_cast<size_t>(*part.size_bytes)));
  const std::span<std::byte> room(input->owned->data(), static_cast<size_t>(*part.size_bytes));
  OAR_RETURN_IF_ERROR(region->Read(part.offset, room));
  input->view.data = room.data();
  input->view.size_bytes = room.size();
  return CheckView(input->view, {"the tensor"});
}

}  // namespace

absl::Status ReadSharedInputs(const SharedMemory* regions, const Limits& limits, std::vector<ParsedInput>* inputs) {
  auto left = static_cast<uint64_t>(limits.shm_request_bytes_max);
  for (ParsedInput& input : *inputs) {
    if (!input.shared_memory) continue;
    OAR_RETURN_IF_ERROR(CheckAllowed(regions));
    const absl::Status status = ReadInput(regions, &input, &left);
    if (!status.ok()) return Annotate(status, fmt::format("input '{}'", Printable(input.name)));
  }
  return absl::OkStatus();
}

absl::StatusOr<Region> FindSharedOutput(const SharedMemory* regions, std::string_view name,
                                        const SharedMemoryPart& part) {
  OAR_RETURN_IF_ERROR(CheckAllowed(regions));
  auto region = FindRegion(regions, part);
  if (!region.ok()) return Annotate(region.status(), fmt::format("output '{}'", Printable(name)));
  return region;
}

absl::Status CheckFits(std::string_view name, const TensorView& view, const SharedMemoryPart& part) {
  if (std::cmp_less_equal(view.size_bytes, *part.size_bytes)) return absl::OkStatus();
  return InvalidArgument("output '{}' is {} {} and takes {} bytes; shared_memory_byte_size is {}", Printable(name),
                         NameOf(view.dtype), view.shape.ToString(), view.size_bytes, *part.size_bytes);
}

}  // namespace oarlock

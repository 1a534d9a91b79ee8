// An inference as a client words it, whatever the protocol: what the readers of JSON and of protobuf make. Values.
// Ownership: views of binary inputs point into the body they were read from; the rest owns its memory.
#ifndef OARLOCK_SERVER_PROTOCOL_INFER_REQUEST_H_
#define OARLOCK_SERVER_PROTOCOL_INFER_REQUEST_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/execution.h"
#include "tensor/tensor.h"

namespace oarlock {

// Where in a client's shared memory a tensor lies, as its parameters say: shared_memory_region, shared_memory_offset
// and shared_memory_byte_size. What of them is missing is refused with the inference.
struct SharedMemoryPart {
  std::string region;
  uint64_t offset = 0;
  std::optional<uint64_t> size_bytes;
};

struct ParsedInput {
  std::string name;
  TensorView view;                // whole: its bytes are what dtype and shape ask for. May lie unaligned.
  std::vector<Segment> pieces;    // where the bytes lie if that is not in one piece; view.data is null then
  std::shared_ptr<Buffer> owned;  // null if the view points into the body
  // Instead: the view has only dtype and shape, until an inference takes the bytes.
  std::optional<SharedMemoryPart> shared_memory;
};

struct ParsedOutput {
  std::string name;
  std::optional<bool> binary_data;                // unset: as binary_data_output says
  int64_t classification = 0;                     // > 0: the so many best classes instead of the tensor
  std::optional<SharedMemoryPart> shared_memory;  // the tensor is written there, whatever binary_data says
};

struct ParsedInferRequest {
  std::string id;
  bool binary_data_output = false;
  int64_t timeout_us = 0;  // 0: none
  int64_t priority = 0;    // 0: the default, 1: the highest
  std::vector<ParsedInput> inputs;
  std::vector<ParsedOutput> outputs;  // empty: all
};

// One output of an answer.
struct ResponseOutput {
  std::string_view name;
  TensorView view;  // may lie unaligned
  bool binary = false;
  bool in_shared_memory = false;  // written already: the view has only dtype and shape
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_INFER_REQUEST_H_

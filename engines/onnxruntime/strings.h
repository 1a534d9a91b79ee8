// BYTES tensors cross the plugin ABI packed, each element a little-endian uint32 length and that many bytes. ONNX
// Runtime keeps strings as objects of its own, so they are copied in both directions at each run.
#ifndef OARLOCK_ENGINES_ONNXRUNTIME_STRINGS_H_
#define OARLOCK_ENGINES_ONNXRUNTIME_STRINGS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "library.h"
#include "port.h"

namespace oarlock::onnxruntime {

// Throws Failure INVALID_ARGUMENT, naming the input and the element, if `view` does not hold as many elements as its
// dims say. `value` is a string tensor of these dims.
void FillStrings(const Port& port, const oar_view& view, OrtValue* value);

// The elements of a string tensor of `count`, packed; `packed` is room that is used again.
void PackStrings(const OrtValue& value, size_t count, std::vector<char>* packed);

}  // namespace oarlock::onnxruntime

#endif  // OARLOCK_ENGINES_ONNXRUNTIME_STRINGS_H_

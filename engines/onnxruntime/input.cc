#include "input.h"

#include "error.h"
#include "strings.h"

namespace oarlock::onnxruntime {

oar_copy_reason Input::Bind(const Port& port, const OrtMemoryInfo* memory_info, const oar_view& view) {
  plugin::CheckInput(port, view);
  const auto rank = static_cast<size_t>(view.rank);
  OrtValue* value = nullptr;
  if (port.dtype == OAR_DTYPE_BYTES) {
    OrtAllocator* allocator = nullptr;
    Check(Api().GetAllocatorWithDefaultOptions(&allocator));
    Check(Api().CreateTensorAsOrtValue(allocator, view.dims, rank, port.type, &value));
  } else {
    static std::byte empty{};  // null is refused even where no byte will be read
    Check(Api().CreateTensorWithDataAsOrtValue(memory_info, view.data == nullptr ? &empty : view.data, view.size_bytes,
                                               view.dims, rank, port.type, &value));
  }
  value_.reset(value);
  view_ = view;
  return port.dtype == OAR_DTYPE_BYTES ? OAR_COPY_STRINGS : OAR_COPY_NONE;
}

void Input::Refresh(const Port& port) const {
  if (port.dtype == OAR_DTYPE_BYTES) FillStrings(port, view_, value_.get());
}

}  // namespace oarlock::onnxruntime

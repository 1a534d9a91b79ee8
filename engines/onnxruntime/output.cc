#include "output.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "error.h"
#include "strings.h"

namespace oarlock::onnxruntime {
namespace {

constexpr size_t kAlignmentBytes = 64;

// False where the product of the dims does not fit; then it can have no memory beforehand.
bool SizeOf(const Port& port, KnownDims dims, size_t* size_bytes) {
  return plugin::Product(port.rank, dims, plugin::ElementSizeBytes(port.dtype), size_bytes);
}

}  // namespace

void Output::Free::operator()(std::byte* data) const { std::free(data); }

bool Output::FitsRoom(const Port& port, KnownDims dims) const {
  size_t size_bytes = 0;
  return room_ != nullptr && dims != nullptr && SizeOf(port, dims, &size_bytes) && size_bytes <= room_bytes_;
}

oar_copy_reason Output::Bind(const Port& port, const oar_view* room, KnownDims dims) {
  if (room != nullptr) plugin::CheckRoom(port, *room);
  ready_ = false;
  room_ = room == nullptr ? nullptr : room->data;
  room_bytes_ = room == nullptr ? 0 : room->size_bytes;
  placed_.reset();
  if (room == nullptr) return OAR_COPY_NONE;
  if (port.dtype == OAR_DTYPE_BYTES) return OAR_COPY_STRINGS;
  return FitsRoom(port, dims) ? OAR_COPY_NONE : OAR_COPY_DYNAMIC_OUTPUT;
}

void* Output::Own(size_t size_bytes) {
  if (own_ == nullptr || own_bytes_ < size_bytes) {
    const size_t rounded = (std::max<size_t>(size_bytes, 1) + kAlignmentBytes - 1) / kAlignmentBytes * kAlignmentBytes;
    own_.reset();
    own_bytes_ = 0;
    own_.reset(static_cast<std::byte*>(rounded < size_bytes ? nullptr : std::aligned_alloc(kAlignmentBytes, rounded)));
    if (own_ == nullptr) throw std::bad_alloc();
    own_bytes_ = rounded;
  }
  return own_.get();
}

OrtValue* Output::Place(const Port& port, const OrtMemoryInfo* memory_info, KnownDims dims) {
  made_.reset();
  size_t size_bytes = 0;
  if (port.dtype == OAR_DTYPE_BYTES || dims == nullptr || !SizeOf(port, dims, &size_bytes)) {
    placed_.reset();
    return nullptr;
  }
  if (placed_ != nullptr && std::equal(dims, dims + port.rank, result_.dims)) return placed_.get();
  placed_.reset();
  void* const data = FitsRoom(port, dims) ? room_ : Own(size_bytes);
  OrtValue* value = nullptr;
  Check(Api().CreateTensorWithDataAsOrtValue(memory_info, data, size_bytes, dims, static_cast<size_t>(port.rank),
                                             port.type, &value));
  placed_.reset(value);
  result_.dtype = port.dtype;
  result_.rank = port.rank;
  std::copy_n(dims, port.rank, result_.dims);
  result_.data = data;
  result_.size_bytes = size_bytes;
  reason_ = room_ != nullptr && data != room_ ? OAR_COPY_DYNAMIC_OUTPUT : OAR_COPY_NONE;
  return value;
}

void Output::Finish(const Port& port, OrtValue* value) {
  ready_ = true;
  if (value == placed_.get() && value != nullptr) return;
  made_.reset(value);
  ViewOwn(port, &result_);
  reason_ = room_ != nullptr ? OAR_COPY_DYNAMIC_OUTPUT : OAR_COPY_NONE;
  if (port.dtype != OAR_DTYPE_BYTES) return;
  size_t count = 0;
  plugin::Product(result_.rank, result_.dims, 1, &count);
  PackStrings(*value, count, &packed_);
  result_.data = packed_.data();
  result_.size_bytes = packed_.size();
  if (room_ != nullptr && packed_.size() <= room_bytes_) {
    if (!packed_.empty()) std::memcpy(room_, packed_.data(), packed_.size());
    result_.data = room_;
  }
  reason_ = OAR_COPY_STRINGS;
}

void Output::ViewOwn(const Port& port, oar_view* view) const {
  OrtTensorTypeAndShapeInfo* info = nullptr;
  Check(Api().GetTensorTypeAndShape(made_.get(), &info));
  const Owned<OrtTensorTypeAndShapeInfo> owned(info);
  size_t rank = 0;
  Check(Api().GetDimensionsCount(info, &rank));
  plugin::CheckRank(port.name, "output", rank);
  view->dtype = port.dtype;
  view->rank = static_cast<int32_t>(rank);
  Check(Api().GetDimensions(info, view->dims, rank));
  if (port.dtype == OAR_DTYPE_BYTES) return;
  Check(Api().GetTensorMutableData(made_.get(), &view->data));
  plugin::Product(view->rank, view->dims, plugin::ElementSizeBytes(port.dtype), &view->size_bytes);
}

oar_copy_reason Output::View(const Port& port, oar_view* view) const {
  if (!ready_) plugin::HoldsNoResult(port);
  *view = result_;
  return reason_;
}

}  // namespace oarlock::onnxruntime

#include "port.h"

#include <algorithm>

#include "error.h"

namespace oarlock::openvino {
namespace {

struct TypeRow {
  oar_dtype dtype;
  std::string_view name;
  size_t size_bytes;
  ov::element::Type_t type;
};

constexpr TypeRow kTypes[] = {
    {OAR_DTYPE_BOOL, "BOOL", 1, ov::element::Type_t::boolean}, {OAR_DTYPE_U8, "UINT8", 1, ov::element::Type_t::u8},
    {OAR_DTYPE_U16, "UINT16", 2, ov::element::Type_t::u16},    {OAR_DTYPE_U32, "UINT32", 4, ov::element::Type_t::u32},
    {OAR_DTYPE_U64, "UINT64", 8, ov::element::Type_t::u64},    {OAR_DTYPE_I8, "INT8", 1, ov::element::Type_t::i8},
    {OAR_DTYPE_I16, "INT16", 2, ov::element::Type_t::i16},     {OAR_DTYPE_I32, "INT32", 4, ov::element::Type_t::i32},
    {OAR_DTYPE_I64, "INT64", 8, ov::element::Type_t::i64},     {OAR_DTYPE_F16, "FP16", 2, ov::element::Type_t::f16},
    {OAR_DTYPE_BF16, "BF16", 2, ov::element::Type_t::bf16},    {OAR_DTYPE_F32, "FP32", 4, ov::element::Type_t::f32},
    {OAR_DTYPE_F64, "FP64", 8, ov::element::Type_t::f64},
};

const TypeRow* RowOf(ov::element::Type_t type) {
  const auto* row =
      std::find_if(std::begin(kTypes), std::end(kTypes), [&](const TypeRow& r) { return r.type == type; });
  return row == std::end(kTypes) ? nullptr : row;
}

const TypeRow* RowOf(oar_dtype dtype) {
  const auto* row =
      std::find_if(std::begin(kTypes), std::end(kTypes), [&](const TypeRow& r) { return r.dtype == dtype; });
  return row == std::end(kTypes) ? nullptr : row;
}

[[noreturn]] void RefuseDims(const Port& port, const oar_view& view) {
  throw Failure(Code::kInvalidArgument, "input '" + port.name + "' has dims " + DimsText(view.rank, view.dims) +
                                            "; the model takes " + DimsText(port.rank, port.dims));
}

void CheckDType(const Port& port, std::string_view what, const oar_view& view) {
  if (view.dtype == port.dtype) return;
  throw Failure(Code::kInvalidArgument, std::string(what) + " '" + port.name + "' is " +
                                            std::string(NameOf(view.dtype)) + "; the model has " +
                                            std::string(NameOf(port.dtype)));
}

}  // namespace

std::string_view NameOf(oar_dtype dtype) {
  if (dtype == OAR_DTYPE_BYTES) return "BYTES";
  const TypeRow* row = RowOf(dtype);
  return row == nullptr ? "INVALID" : row->name;
}

std::string DimsText(int32_t rank, const int64_t* dims) {
  if (rank < 0) return "of any rank";
  std::string text = "[";
  for (int32_t i = 0; i < rank; ++i) text += (i == 0 ? "" : ",") + std::to_string(dims[i]);
  return text + "]";
}

Port PortOf(const ov::Output<const ov::Node>& output, std::string name, std::string_view what) {
  Port port;
  port.name = std::move(name);
  port.type = output.get_element_type();
  const TypeRow* row = RowOf(static_cast<ov::element::Type_t>(port.type));
  if (row == nullptr) {
    throw Failure(Code::kUnimplemented, std::string(what) + " '" + port.name + "' has elements of type " +
                                            port.type.get_type_name() + ", which the engine openvino does not pass on");
  }
  port.dtype = row->dtype;
  const ov::PartialShape& shape = output.get_partial_shape();
  if (shape.rank().is_dynamic()) return port;
  if (shape.size() > OAR_MAX_RANK) {
    throw Failure(Code::kUnimplemented, std::string(what) + " '" + port.name + "' has " + std::to_string(shape.size()) +
                                            " dims; at most " + std::to_string(OAR_MAX_RANK) + " are possible");
  }
  port.rank = static_cast<int32_t>(shape.size());
  for (size_t i = 0; i < shape.size(); ++i) port.dims[i] = shape[i].is_static() ? shape[i].get_length() : -1;
  port.is_static = shape.is_static();
  if (port.is_static) {
    port.shape = shape.to_shape();
    port.size_bytes = ov::shape_size(port.shape) * row->size_bytes;
  }
  return port;
}

void CheckInput(const Port& port, const oar_view& view) {
  CheckDType(port, "input", view);
  if (view.rank < 0 || view.rank > OAR_MAX_RANK) {
    throw Failure(Code::kInvalidArgument, "input '" + port.name + "' has " + std::to_string(view.rank) +
                                              " dims; 0 to " + std::to_string(OAR_MAX_RANK) + " are possible");
  }
  if (port.rank >= 0 && port.rank != view.rank) RefuseDims(port, view);
  size_t size_bytes = RowOf(port.dtype)->size_bytes;
  bool fits = true;
  for (int32_t i = 0; i < view.rank; ++i) {
    const bool admitted = view.dims[i] >= 0 && (port.rank < 0 || port.dims[i] < 0 || port.dims[i] == view.dims[i]);
    if (!admitted) RefuseDims(port, view);
    fits = fits && !__builtin_mul_overflow(size_bytes, static_cast<size_t>(view.dims[i]), &size_bytes);
  }
  if (!fits || size_bytes != view.size_bytes) {
    throw Failure(Code::kInvalidArgument, "input '" + port.name + "' of " + std::string(NameOf(port.dtype)) + " " +
                                              DimsText(view.rank, view.dims) + " does not take " +
                                              std::to_string(view.size_bytes) + " bytes" +
                                              (fits ? ", but " + std::to_string(size_bytes) : ", but more than 2^64"));
  }
  if (view.data == nullptr && size_bytes > 0) {
    throw Failure(Code::kInvalidArgument, "input '" + port.name + "' has no data");
  }
}

void CheckRoom(const Port& port, const oar_view& room) {
  CheckDType(port, "room for output", room);
  if (room.data == nullptr) throw Failure(Code::kInvalidArgument, "room for output '" + port.name + "' has no data");
}

}  // namespace oarlock::openvino

#include "port.h"

#include <algorithm>

#include "error.h"

namespace oarlock::openvino {
namespace {

struct TypeRow {
  oar_dtype dtype;
  ov::element::Type_t type;
};

constexpr TypeRow kTypes[] = {
    {OAR_DTYPE_BOOL, ov::element::Type_t::boolean}, {OAR_DTYPE_U8, ov::element::Type_t::u8},
    {OAR_DTYPE_U16, ov::element::Type_t::u16},      {OAR_DTYPE_U32, ov::element::Type_t::u32},
    {OAR_DTYPE_U64, ov::element::Type_t::u64},      {OAR_DTYPE_I8, ov::element::Type_t::i8},
    {OAR_DTYPE_I16, ov::element::Type_t::i16},      {OAR_DTYPE_I32, ov::element::Type_t::i32},
    {OAR_DTYPE_I64, ov::element::Type_t::i64},      {OAR_DTYPE_F16, ov::element::Type_t::f16},
    {OAR_DTYPE_BF16, ov::element::Type_t::bf16},    {OAR_DTYPE_F32, ov::element::Type_t::f32},
    {OAR_DTYPE_F64, ov::element::Type_t::f64},
};

const TypeRow* RowOf(ov::element::Type_t type) {
  const auto* row =
      std::find_if(std::begin(kTypes), std::end(kTypes), [&](const TypeRow& r) { return r.type == type; });
  return row == std::end(kTypes) ? nullptr : row;
}

}  // namespace

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
  plugin::CheckRank(port.name, what, shape.size());
  port.rank = static_cast<int32_t>(shape.size());
  for (size_t i = 0; i < shape.size(); ++i) port.dims[i] = shape[i].is_static() ? shape[i].get_length() : -1;
  port.is_static = shape.is_static();
  if (port.is_static) {
    port.shape = shape.to_shape();
    port.size_bytes = ov::shape_size(port.shape) * plugin::ElementSizeBytes(port.dtype);
  }
  return port;
}

}  // namespace oarlock::openvino

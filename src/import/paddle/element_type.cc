#include "import/paddle/element_type.h"

#include <fmt/format.h>

namespace oarlock::paddle {
namespace {

struct ElementType {
  int code;
  DType dtype;
  size_t size_bytes;
  std::string_view pir_type;       // in a value's type
  std::string_view pir_attribute;  // in an attribute of type dtype
};
constexpr ElementType kElementTypes[] = {
    {0, DType::kBool, 1, "t_bool", "bool"},
    {1, DType::kI16, 2, "t_i16", "int16"},
    {2, DType::kI32, 4, "t_i32", "int32"},
    {3, DType::kI64, 8, "t_i64", "int64"},
    {4, DType::kF16, 2, "t_f16", "float16"},
    {5, DType::kF32, 4, "t_f32", "float32"},
    {6, DType::kF64, 8, "t_f64", "float64"},
    {20, DType::kU8, 1, "t_ui8", "uint8"},
    {21, DType::kI8, 1, "t_i8", "int8"},
    {22, DType::kBF16, 2, "t_bf16", "bfloat16"},
    {23, DType::kInvalid, 8, "t_c64", "complex64"},
    {24, DType::kInvalid, 16, "t_c128", "complex128"},
    {32, DType::kInvalid, 1, "t_f8e4m3fn", "float8_e4m3fn"},
    {33, DType::kInvalid, 1, "t_f8e5m2", "float8_e5m2"},
    {36, DType::kU16, 2, "t_ui16", "uint16"},
    {37, DType::kU32, 4, "t_ui32", "uint32"},
    {38, DType::kU64, 8, "t_ui64", "uint64"},
};

const ElementType* Find(int code) {
  for (const ElementType& row : kElementTypes) {
    if (row.code == code) return &row;
  }
  return nullptr;
}

}  // namespace

DType DTypeFromCode(int code) {
  const ElementType* row = Find(code);
  return row == nullptr ? DType::kInvalid : row->dtype;
}

size_t ElementSizeBytesOfCode(int code) {
  const ElementType* row = Find(code);
  return row == nullptr ? 0 : row->size_bytes;
}

std::string NameOfCode(int code) {
  const DType dtype = DTypeFromCode(code);
  return dtype == DType::kInvalid ? fmt::format("type {}", code) : std::string(NameOf(dtype));
}

int CodeFromPirName(std::string_view name) {
  for (const ElementType& row : kElementTypes) {
    if (row.pir_type == name || row.pir_attribute == name) return row.code;
  }
  return -1;
}

}  // namespace oarlock::paddle

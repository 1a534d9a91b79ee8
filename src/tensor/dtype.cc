#include "tensor/dtype.h"

namespace oarlock {
namespace {

constexpr DTypeRow kRows[] = {
    {DType::kBool, "BOOL", 1},  {DType::kU8, "UINT8", 1},    {DType::kU16, "UINT16", 2}, {DType::kU32, "UINT32", 4},
    {DType::kU64, "UINT64", 8}, {DType::kI8, "INT8", 1},     {DType::kI16, "INT16", 2},  {DType::kI32, "INT32", 4},
    {DType::kI64, "INT64", 8},  {DType::kF16, "FP16", 2},    {DType::kBF16, "BF16", 2},  {DType::kF32, "FP32", 4},
    {DType::kF64, "FP64", 8},   {DType::kBytes, "BYTES", 0},
};

const DTypeRow* Find(DType dtype) {
  for (const DTypeRow& row : kRows) {
    if (row.dtype == dtype) return &row;
  }
  return nullptr;
}

}  // namespace

std::span<const DTypeRow> DTypeRows() { return kRows; }

std::string_view NameOf(DType dtype) {
  const DTypeRow* row = Find(dtype);
  return row == nullptr ? "INVALID" : row->name;
}

std::optional<DType> DTypeFromName(std::string_view name) {
  for (const DTypeRow& row : kRows) {
    if (row.name == name) return row.dtype;
  }
  return std::nullopt;
}

}  // namespace oarlock

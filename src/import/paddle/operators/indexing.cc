// Elements and rows that are found by their places.
#include <algorithm>

#include "base/status.h"
#include "import/paddle/conversion.h"

namespace oarlock::paddle {
namespace {

// A column of places counts as a line.
Name LineOf(Conversion& c, std::string_view slot) {
  const Value& about = c.About(slot);
  return about.rank_known && about.dims.size() > 1 ? c.Reshape(c.In(slot), {-1}) : c.In(slot);
}

}  // namespace

void Gather(Conversion& c) { c.Set("Out", c.Gather(c.In("X"), LineOf(c, "Index"), c.KnownInt("Axis", "axis", 0))); }

void IndexSelect(Conversion& c) { c.Set("Out", c.Gather(c.In("X"), c.In("Index"), c.Int("dim|axis", 0))); }

// ONNX's has INT64 places alone.
void GatherNd(Conversion& c) {
  const Name places = c.DTypeOf("Index") == DType::kI64 ? c.In("Index") : c.Cast(c.In("Index"), DType::kI64);
  c.Set("Out", c.Node("GatherND", {c.In("X"), places}));
}

// Row by row.
void IndexSample(Conversion& c) {
  c.Set("Out", c.Node("GatherElements", {c.In("X"), c.In("Index")}, {{"axis", int64_t{1}}}));
}

void TakeAlongAxis(Conversion& c) {
  c.Set("Result", c.Node("GatherElements", {c.In("Input"), c.In("Index")}, {{"axis", c.Int("Axis|axis", 0)}}));
}

namespace {

// Whether the row that stands for padding is zeros as it is: a table that was trained with padding has them.
bool RowIsZero(const Constant& table, int64_t row) {
  if (table.dims.size() != 2 || row < 0 || row >= table.dims[0]) return false;
  const size_t size_bytes = table.bytes.size() / static_cast<size_t>(table.dims[0]);
  const auto bytes = table.bytes.subspan(static_cast<size_t>(row) * size_bytes, size_bytes);
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte each) { return each == std::byte{0}; });
}

void SetRows(Conversion& c, const Name& ids) {
  const Name rows = c.Gather(c.In("W"), ids, 0);
  const int64_t padding = c.Int("padding_idx", -1);
  const auto table = c.Known("W");
  if (padding == -1 || (table && RowIsZero(*table, padding))) return c.Set("Out", rows);
  const Name is_padding = c.Node("Equal", {ids, c.Scalar(c.DTypeOf("Ids"), static_cast<double>(padding))});
  c.Set("Out", c.Node("Where", {c.Unsqueeze(is_padding, {-1}), c.Scalar(c.DTypeOf("W"), 0), rows}));
}

}  // namespace

void Embedding(Conversion& c) { SetRows(c, c.In("Ids")); }

// Paddle 1's: the last dim of the ids is 1, and goes.
void LookupTable(Conversion& c) { SetRows(c, c.Squeeze(c.In("Ids"), {-1})); }

namespace {

void SetOneHot(Conversion& c, const Name& ids) {
  DType dtype = c.AboutResult("Out").dtype;
  if (dtype == DType::kInvalid) dtype = c.DTypeAttribute("dtype", DType::kF32);
  const Name depth = c.TryInts("depth_tensor", "depth") ? c.IntScalar(c.KnownInt("depth_tensor", "depth", 0))
                                                        : c.Reshape(c.Ints("depth_tensor", "depth"), {});
  const int64_t two = 2;
  const Name values = c.Bytes(dtype, std::span(&two, 1), ElementBytes(dtype, 0) + ElementBytes(dtype, 1));
  c.Set("Out", c.Node("OneHot", {ids, depth, values}, {{"axis", int64_t{-1}}}));
}

// ONNX Runtime has no OneHot of INT32.
Name Ids64(Conversion& c) { return c.DTypeOf("X") == DType::kI64 ? c.In("X") : c.Cast(c.In("X"), DType::kI64); }

}  // namespace

void OneHot(Conversion& c) { SetOneHot(c, Ids64(c)); }

// Paddle 1's: the last dim of the ids is 1, and goes.
void OneHotColumn(Conversion& c) { SetOneHot(c, c.Squeeze(Ids64(c), {-1})); }

}  // namespace oarlock::paddle

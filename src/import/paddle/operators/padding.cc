// Padding. Paddle's pad3d counts from the last dim: left, right, top, bottom, front, back.
#include <cstdint>

#include "base/status.h"
#include "import/paddle/conversion.h"

namespace oarlock::paddle {
namespace {

std::string OnnxMode(Conversion& c, const std::string& mode) {
  if (mode == "constant" || mode == "reflect") return mode;
  if (mode == "replicate" || mode == "edge") return "edge";
  if (mode != "circular") c.Fail(Unimplemented("mode '{}'", Printable(mode)));
  return "wrap";
}

// What lies at the other end, dim by dim: ONNX has a mode for it from operator set 19 on.
Name Wrapped(Conversion& c, Name value, int first_axis, const std::vector<int64_t>& paddings) {
  const auto count = static_cast<int64_t>(paddings.size() / 2);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t before = paddings[static_cast<size_t>(2 * i)];
    const int64_t behind = paddings[static_cast<size_t>(2 * i + 1)];
    if (before < 0 || behind < 0) c.Fail(Unimplemented("negative padding that is circular"));
    const Name axis = c.IntVector({first_axis + count - 1 - i});
    std::vector<Name> parts;
    if (before > 0) {
      parts.push_back(c.Node("Slice", {value, c.IntVector({-before}), c.IntVector({INT64_MAX}), axis}));
    }
    parts.push_back(value);
    if (behind > 0) parts.push_back(c.Node("Slice", {value, c.IntVector({0}), c.IntVector({behind}), axis}));
    if (parts.size() > 1) value = c.Concat(parts, first_axis + count - 1 - i);
  }
  return value;
}

// ONNX: the beginnings of all dims, then the ends. `order`: places of the spatial dims' beginnings in `paddings`.
Name AllPads(Conversion& c, const Name& paddings, int rank, int first_axis) {
  const int spatial = rank - 2;
  std::vector<int64_t> beginnings;
  std::vector<int64_t> ends;
  for (int i = spatial - 1; i >= 0; --i) {
    beginnings.push_back(2 * i);
    ends.push_back(2 * i + 1);
  }
  const auto zeros = [&c](int count) { return c.IntVector(std::vector<int64_t>(static_cast<size_t>(count), 0)); };
  const int behind = rank - first_axis - spatial;
  std::vector<Name> parts;
  for (const std::vector<int64_t>& side : {beginnings, ends}) {
    parts.push_back(zeros(first_axis));
    parts.push_back(c.Gather(paddings, c.IntVector(side), 0));
    if (behind > 0) parts.push_back(zeros(behind));
  }
  return c.Concat(parts, 0);
}

}  // namespace

void Pad3d(Conversion& c) {
  const int rank = c.Rank("X");
  const std::string format = c.String("data_format", "NCDHW");
  const int first_axis = format.ends_with('C') ? 1 : 2;
  const std::string mode = OnnxMode(c, c.String("mode", "constant"));
  const auto known = c.TryInts("Paddings", "paddings");
  if (known && known->size() != static_cast<size_t>(2 * (rank - 2))) {
    return c.Fail(InvalidArgument("{} paddings for {} dims", known->size(), rank - 2));
  }
  if (mode == "wrap") {
    const std::vector<int64_t> paddings = c.KnownInts("Paddings", "paddings");
    return c.Set("Out", Wrapped(c, c.In("X"), first_axis, paddings));
  }
  Name pads;
  if (known) {
    std::vector<int64_t> values(static_cast<size_t>(2 * rank), 0);
    for (int i = 0; i < rank - 2; ++i) {
      const auto axis = static_cast<size_t>(first_axis + rank - 3 - i);
      values[axis] = (*known)[static_cast<size_t>(2 * i)];
      values[axis + static_cast<size_t>(rank)] = (*known)[static_cast<size_t>(2 * i + 1)];
    }
    pads = c.IntVector(values);
  } else {
    pads = AllPads(c, c.Ints("Paddings", "paddings"), rank, first_axis);
  }
  std::vector<Name> inputs = {c.In("X"), pads};
  if (mode == "constant") inputs.push_back(c.Scalar(c.DTypeOf("X"), c.Float("value|pad_value", 0)));
  const NodeAttribute attribute{"mode", mode};
  c.Set("Out", c.Nodes("Pad", inputs, std::span(&attribute, 1), 1).front());
}

// All dims, from the first one: beginning, end, beginning, end.
void Pad(Conversion& c) {
  const std::vector<int64_t> paddings = c.KnownInts("Paddings", "paddings");
  const auto rank = static_cast<size_t>(c.Rank("X"));
  if (paddings.size() != 2 * rank) return c.Fail(InvalidArgument("{} paddings for {} dims", paddings.size(), rank));
  std::vector<int64_t> pads(2 * rank);
  for (size_t i = 0; i < rank; ++i) {
    pads[i] = paddings[2 * i];
    pads[i + rank] = paddings[2 * i + 1];
  }
  const Name value = c.Scalar(c.DTypeOf("X"), c.KnownNumber("PadValue", "pad_value", 0));
  c.Set("Out", c.Node("Pad", {c.In("X"), c.IntVector(pads), value}));
}

}  // namespace oarlock::paddle

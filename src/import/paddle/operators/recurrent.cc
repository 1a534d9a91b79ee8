// LSTM, GRU and simple RNN: Paddle's one operator of several layers is an ONNX operator for each.
//
// With lengths it is one for each direction, too. ONNX has lengths, but OpenVINO computes as if there were none, so the
// steps behind a row's end are told apart by an input of their own: 1 there, 0 before. Its weights hold the state as it
// is (the forget gate of an LSTM open and its input gate shut, the update gate of a GRU open), and what is put out
// there is made 0, as Paddle has it. The other direction is a forward one over the reversed rows.
#include <algorithm>

#include "base/status.h"
#include "import/paddle/conversion.h"

namespace oarlock::paddle {
namespace {

constexpr int64_t kLayersMax = 1024;
constexpr int64_t kHiddenMax = 1 << 24;
// A gate's operand beyond which it is all open, or shut, in float32 arithmetic.
constexpr double kSaturated = 1e4;

// What an ONNX operator does, and its gates: which of Paddle's it is, and what holds the state there.
struct Kind {
  std::string_view mode;
  std::string_view onnx_type;
  std::string_view activation;  // simple RNN only
  std::vector<size_t> gates;
  std::vector<double> hold;
  bool has_cell;
};

// LSTM: Paddle i,f,g,o; ONNX i,o,f,c. GRU: Paddle r,z,c; ONNX z,r,h. A simple RNN has nothing that holds its state.
const Kind* FindKind(std::string_view mode) {
  static const Kind kKinds[] = {
      {"LSTM", "LSTM", "", {0, 3, 1, 2}, {-kSaturated, 0, kSaturated, 0}, true},
      {"GRU", "GRU", "", {1, 0, 2}, {kSaturated, 0, 0}, false},
      {"RNN_TANH", "RNN", "Tanh", {0}, {0}, false},
      {"RNN_RELU", "RNN", "Relu", {0}, {0}, false},
  };
  for (const Kind& kind : kKinds) {
    if (kind.mode == mode) return &kind;
  }
  return nullptr;
}

// What lengths say, as tensors of 1 and 0.
struct Lengths {
  Name rows;   // int64 [N]
  Name ended;  // [T, N, 1]: behind the row's end
  Name inside;
  Name last;   // the row's last step
  Name empty;  // [1, N, 1]: a row of no steps
};

class Layers {
 public:
  Layers(Conversion& c, const Kind& kind)
      : c_(c),
        kind_(kind),
        hidden_(c.Int("hidden_size", 0)),
        layers_(c.Int("num_layers", 1)),
        directions_(c.Bool("is_bidirec", false) ? 2 : 1),
        dtype_(c.DTypeOf("Input")) {
    const auto pairs = static_cast<uint64_t>(layers_ * directions_);
    if (layers_ < 1 || layers_ > kLayersMax || hidden_ < 1 || hidden_ > kHiddenMax) {
      c.Fail(InvalidArgument("{} layers of {} hidden elements", layers_, hidden_));
    } else if (const size_t count = c.InCount("WeightList"); count != 2 * pairs && count != 4 * pairs) {
      c.Fail(InvalidArgument("{} weights for {} layers in {} directions; there should be {}", count, layers_,
                             directions_, 4 * pairs));
    } else if (c.InCount("PreState") != (kind.has_cell ? 2 : 1)) {
      c.Fail(InvalidArgument("{} initial states for an {}", c.InCount("PreState"), kind.mode));
    }
  }

  void Convert() {
    if (!c_.ok()) return;
    initial_ = c_.InList("PreState");
    last_.resize(initial_.size());
    Name sequence = c_.In("Input");
    if (c_.Has("SequenceLength")) {
      const Lengths lengths = ReadLengths(sequence);
      for (int64_t layer = 0; layer < layers_ && c_.ok(); ++layer)
        sequence = LayerWithLengths(layer, sequence, lengths);
    } else {
      for (int64_t layer = 0; layer < layers_ && c_.ok(); ++layer) sequence = Layer(layer, sequence);
    }
    c_.Set("Out", sequence);
    std::vector<Name> states;
    for (const std::vector<Name>& state : last_) states.push_back(Joined(state, 0));
    c_.SetList("State", states);
  }

 private:
  Name Joined(const std::vector<Name>& parts, int64_t axis) {
    if (parts.size() == 1) return parts[0];
    const NodeAttribute attribute{"axis", axis};
    return c_.Nodes("Concat", parts, std::span(&attribute, 1), 1).front();
  }

  std::vector<NodeAttribute> Attributes(int64_t directions) const {
    std::vector<NodeAttribute> attributes = {{"hidden_size", hidden_},
                                             {"direction", std::string(directions == 2 ? "bidirectional" : "forward")}};
    if (kind_.onnx_type == "GRU") attributes.push_back({"linear_before_reset", int64_t{1}});
    if (!kind_.activation.empty()) {
      attributes.push_back(
          {"activations", std::vector<std::string>(static_cast<size_t>(directions), std::string(kind_.activation))});
    }
    return attributes;
  }

  // All directions at once.
  Name Layer(int64_t layer, const Name& sequence) {
    std::vector<Name> inputs = {sequence, Matrices(layer, 0, directions_, 0, false),
                                Matrices(layer, 0, directions_, 1, false), Biases(layer, 0, directions_), ""};
    for (const Name& state : initial_) inputs.push_back(Rows(state, layer * directions_, directions_));
    const std::vector<Name> results = c_.Nodes(kind_.onnx_type, inputs, Attributes(directions_), 1 + initial_.size());
    for (size_t i = 0; i < last_.size() && c_.ok(); ++i) last_[i].push_back(results[1 + i]);
    // [T, direction, N, H] -> [T, N, direction * H]
    return directions_ == 1 ? c_.Squeeze(results[0], {1})
                            : c_.Reshape(c_.Transpose(results[0], {0, 2, 1, 3}), {0, 0, 2 * hidden_});
  }

  Lengths ReadLengths(const Name& sequence) {
    Lengths lengths;
    lengths.rows = c_.Cast(c_.In("SequenceLength"), DType::kI64);
    const Name time = c_.Counted(c_.Squeeze(c_.DimOf(sequence, 0), {0}));
    const Name step = c_.Unsqueeze(time, {1, 2});
    const Name end = c_.Unsqueeze(lengths.rows, {0, 2});
    const Name inside = c_.Node("Less", {step, end});
    lengths.inside = c_.Cast(inside, dtype_);
    lengths.ended = c_.Cast(c_.Node("Not", {inside}), dtype_);
    lengths.last = c_.Cast(c_.Node("Equal", {c_.Node("Add", {step, c_.IntScalar(1)}), end}), dtype_);
    lengths.empty = c_.Cast(c_.Node("Less", {end, c_.IntScalar(1)}), dtype_);
    return lengths;
  }

  Name Reversed(const Name& sequence, const Lengths& lengths) {
    return c_.Node("ReverseSequence", {sequence, lengths.rows},
                   {{"time_axis", int64_t{0}}, {"batch_axis", int64_t{1}}});
  }

  Name LayerWithLengths(int64_t layer, const Name& sequence, const Lengths& lengths) {
    std::vector<Name> outputs;
    for (int64_t direction = 0; direction < directions_ && c_.ok(); ++direction) {
      const Name steps = direction == 0 ? sequence : Reversed(sequence, lengths);
      std::vector<Name> inputs = {Joined({steps, lengths.ended}, 2), Matrices(layer, direction, 1, 0, true),
                                  Matrices(layer, direction, 1, 1, false), Biases(layer, direction, 1), ""};
      for (const Name& state : initial_) inputs.push_back(Rows(state, layer * directions_ + direction, 1));
      const std::vector<Name> results = c_.Nodes(kind_.onnx_type, inputs, Attributes(1), 1 + initial_.size());
      if (!c_.ok()) return {};
      const Name output = c_.Squeeze(results[0], {1});
      // What is put out last is the state; a row of no steps has the one it began with.
      const Name at_end = c_.Node("ReduceSum", {c_.Node("Mul", {output, lengths.last}), c_.IntVector({0})});
      const Name state = c_.Node("Add", {at_end, c_.Node("Mul", {inputs[5], lengths.empty})});
      last_[0].push_back(state);
      if (kind_.has_cell) last_[1].push_back(results[2]);  // held
      const Name masked = c_.Node("Mul", {output, lengths.inside});
      outputs.push_back(direction == 0 ? masked : Reversed(masked, lengths));
    }
    return Joined(outputs, 2);
  }

  // All weights stand before all biases; of each layer and direction there are two: for the input, for the state.
  size_t Index(int64_t layer, int64_t direction, int64_t which, bool bias) const {
    return static_cast<size_t>((bias ? 2 * layers_ * directions_ : 0) + 2 * (layer * directions_ + direction) + which);
  }

  std::optional<Constant> Weight(size_t index, size_t rank) {
    auto known = c_.Known("WeightList", index);
    const auto rows = hidden_ * static_cast<int64_t>(kind_.gates.size());
    if (!known) {
      c_.Fail(Unimplemented("weight {} is computed while the model runs", index));
    } else if (known->dims.size() != rank || known->dims[0] != rows || known->dtype != dtype_) {
      c_.Fail(
          InvalidArgument("weight {} should have {} dims, {} rows, and the input's element type", index, rank, rows));
    }
    return c_.ok() ? known : std::nullopt;
  }

  // Rows of the gates in ONNX's order; with `holding`, one more column.
  std::string Reordered(const Constant& weight, bool holding) const {
    const size_t gate_bytes = weight.bytes.size() / kind_.gates.size();
    const size_t row_bytes = gate_bytes / static_cast<size_t>(hidden_);
    const auto* from = reinterpret_cast<const char*>(weight.bytes.data());
    std::string bytes;
    for (size_t gate = 0; gate < kind_.gates.size(); ++gate) {
      const char* rows = from + kind_.gates[gate] * gate_bytes;
      for (int64_t row = 0; row < hidden_; ++row, rows += row_bytes) {
        bytes.append(rows, row_bytes);
        if (holding) bytes += ElementBytes(dtype_, kind_.hold[gate]);
      }
    }
    return bytes;
  }

  // [direction, gates * H, input or H] of `count` directions; `which` 0: for the input, 1: for the state.
  Name Matrices(int64_t layer, int64_t first, int64_t count, int64_t which, bool holding) {
    std::string bytes;
    int64_t columns = 0;
    for (int64_t direction = first; direction < first + count; ++direction) {
      const size_t index = Index(layer, direction, which, false);
      const auto weight = Weight(index, 2);
      if (!weight) return {};
      if (direction > first && weight->dims[1] != columns) {
        c_.Fail(InvalidArgument("weight {} has not the size of the other direction's", index));
        return {};
      }
      columns = weight->dims[1];
      bytes += Reordered(*weight, holding);
    }
    const int64_t dims[] = {count, hidden_ * static_cast<int64_t>(kind_.gates.size()), columns + (holding ? 1 : 0)};
    return c_.Bytes(dtype_, dims, std::move(bytes));
  }

  // [direction, 2 * gates * H]: the input's, then the state's.
  Name Biases(int64_t layer, int64_t first, int64_t count) {
    if (c_.InCount("WeightList") == static_cast<size_t>(2 * layers_ * directions_)) return {};
    std::string bytes;
    for (int64_t direction = first; direction < first + count; ++direction) {
      for (int64_t which = 0; which < 2; ++which) {
        const auto weight = Weight(Index(layer, direction, which, true), 1);
        if (!weight) return {};
        bytes += Reordered(*weight, false);
      }
    }
    const int64_t dims[] = {count, 2 * hidden_ * static_cast<int64_t>(kind_.gates.size())};
    return c_.Bytes(dtype_, dims, std::move(bytes));
  }

  // Of a state [layers * direction, N, H].
  Name Rows(const Name& state, int64_t first, int64_t count) {
    if (layers_ * directions_ == count) return state;
    return c_.Node("Slice", {state, c_.IntVector({first}), c_.IntVector({first + count}), c_.IntVector({0})});
  }

  Conversion& c_;
  const Kind& kind_;
  const int64_t hidden_;
  const int64_t layers_;
  const int64_t directions_;
  const DType dtype_;
  std::vector<Name> initial_;
  std::vector<std::vector<Name>> last_;  // of each state, by layer and direction
};

}  // namespace

void Rnn(Conversion& c) {
  const std::string mode = c.String("mode", "LSTM");
  const Kind* kind = FindKind(mode);
  if (kind == nullptr) {
    return c.Fail(Unimplemented("mode '{}'; LSTM, GRU, RNN_TANH and RNN_RELU are known", Printable(mode)));
  }
  Layers(c, *kind).Convert();
}

}  // namespace oarlock::paddle

// LSTM, GRU and simple RNN: Paddle's one operator of several layers is an ONNX operator for each.
#include <algorithm>

#include "base/status.h"
#include "import/paddle/conversion.h"

namespace oarlock::paddle {
namespace {

// What an ONNX operator does, and the order of its gates by their place in Paddle.
struct Kind {
  std::string_view mode;
  std::string_view onnx_type;
  std::string_view activation;  // simple RNN only
  std::vector<size_t> gates;
  bool has_cell;
};

// LSTM: Paddle i,f,g,o; ONNX i,o,f,c. GRU: Paddle r,z,c; ONNX z,r,h.
const Kind* FindKind(std::string_view mode) {
  static const Kind kKinds[] = {{"LSTM", "LSTM", "", {0, 3, 1, 2}, true},
                                {"GRU", "GRU", "", {1, 0, 2}, false},
                                {"RNN_TANH", "RNN", "Tanh", {0}, false},
                                {"RNN_RELU", "RNN", "Relu", {0}, false}};
  for (const Kind& kind : kKinds) {
    if (kind.mode == mode) return &kind;
  }
  return nullptr;
}

class Layers {
 public:
  Layers(Conversion& c, const Kind& kind)
      : c_(c),
        kind_(kind),
        hidden_(c.Int("hidden_size", 0)),
        layers_(c.Int("num_layers", 1)),
        directions_(c.Bool("is_bidirec", false) ? 2 : 1) {
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
    const std::vector<Name> initial = c_.InList("PreState");
    Name lengths;
    if (c_.Has("SequenceLength")) lengths = c_.Cast(c_.In("SequenceLength"), DType::kI32);
    Name sequence = c_.In("Input");
    std::vector<std::vector<Name>> last(initial.size());  // of each state, by layer
    for (int64_t layer = 0; layer < layers_ && c_.ok(); ++layer) {
      std::vector<Name> inputs = {sequence, Matrices(layer, 0), Matrices(layer, 1), Biases(layer), lengths};
      for (const Name& state : initial) inputs.push_back(OfLayer(state, layer));
      const std::vector<Name> results = c_.Nodes(kind_.onnx_type, inputs, Attributes(), 1 + initial.size());
      for (size_t i = 0; i < last.size() && c_.ok(); ++i) last[i].push_back(results[1 + i]);
      // [T, direction, N, H] -> [T, N, direction * H]
      sequence = directions_ == 1 ? c_.Squeeze(results[0], {1})
                                  : c_.Reshape(c_.Transpose(results[0], {0, 2, 1, 3}), {0, 0, 2 * hidden_});
    }
    c_.Set("Out", sequence);
    std::vector<Name> states;
    for (const std::vector<Name>& state : last) {
      const NodeAttribute axis{"axis", int64_t{0}};
      states.push_back(state.size() == 1 ? state[0] : c_.Nodes("Concat", state, std::span(&axis, 1), 1).front());
    }
    c_.SetList("State", states);
  }

 private:
  static constexpr int64_t kLayersMax = 1024;
  static constexpr int64_t kHiddenMax = 1 << 24;

  std::vector<NodeAttribute> Attributes() const {
    std::vector<NodeAttribute> attributes = {
        {"hidden_size", hidden_}, {"direction", std::string(directions_ == 2 ? "bidirectional" : "forward")}};
    if (kind_.onnx_type == "GRU") attributes.push_back({"linear_before_reset", int64_t{1}});
    if (!kind_.activation.empty()) {
      attributes.push_back(
          {"activations", std::vector<std::string>(static_cast<size_t>(directions_), std::string(kind_.activation))});
    }
    return attributes;
  }

  // All weights stand before all biases; of each layer and direction there are two: for the input, for the state.
  size_t Index(int64_t layer, int64_t direction, int64_t which, bool bias) const {
    return static_cast<size_t>((bias ? 2 * layers_ * directions_ : 0) + 2 * (layer * directions_ + direction) + which);
  }

  // Rows of the gates in ONNX's order.
  std::string Reordered(size_t index) {
    const auto known = c_.Known("WeightList", index);
    if (!known) {
      c_.Fail(Unimplemented("weight {} is computed while the model runs", index));
      return {};
    }
    const auto rows = hidden_ * static_cast<int64_t>(kind_.gates.size());
    if (known->dims.empty() || known->dims[0] != rows || known->dtype != c_.DTypeOf("Input")) {
      c_.Fail(InvalidArgument("weight {} should have {} rows of the input's type", index, rows));
      return {};
    }
    const size_t gate_bytes = known->bytes.size() / kind_.gates.size();
    std::string bytes;
    for (const size_t gate : kind_.gates) {
      bytes.append(reinterpret_cast<const char*>(known->bytes.data()) + gate * gate_bytes, gate_bytes);
    }
    return bytes;
  }

  // [direction, gates * H, input or H]
  Name Matrices(int64_t layer, int64_t which) {
    std::string bytes;
    int64_t columns = 0;
    for (int64_t direction = 0; direction < directions_; ++direction) {
      const size_t index = Index(layer, direction, which, false);
      bytes += Reordered(index);
      const auto known = c_.Known("WeightList", index);
      if (!c_.ok()) return {};
      if (known->dims.size() != 2 || (direction > 0 && known->dims[1] != columns)) {
        c_.Fail(InvalidArgument("weight {} is no matrix of the other direction's size", index));
        return {};
      }
      columns = known->dims[1];
    }
    const int64_t dims[] = {directions_, hidden_ * static_cast<int64_t>(kind_.gates.size()), columns};
    return c_.Bytes(c_.DTypeOf("Input"), dims, std::move(bytes));
  }

  // [direction, 2 * gates * H]: the input's, then the state's.
  Name Biases(int64_t layer) {
    if (c_.InCount("WeightList") == static_cast<size_t>(2 * layers_ * directions_)) return {};
    std::string bytes;
    for (int64_t direction = 0; direction < directions_; ++direction) {
      for (int64_t which = 0; which < 2; ++which) bytes += Reordered(Index(layer, direction, which, true));
    }
    if (!c_.ok()) return {};
    const int64_t dims[] = {directions_, 2 * hidden_ * static_cast<int64_t>(kind_.gates.size())};
    return c_.Bytes(c_.DTypeOf("Input"), dims, std::move(bytes));
  }

  // [layers * direction, N, H] -> those of one layer.
  Name OfLayer(const Name& state, int64_t layer) {
    if (layers_ == 1) return state;
    return c_.Node("Slice", {state, c_.IntVector({layer * directions_}), c_.IntVector({(layer + 1) * directions_}),
                             c_.IntVector({0})});
  }

  Conversion& c_;
  const Kind& kind_;
  const int64_t hidden_;
  const int64_t layers_;
  const int64_t directions_;
};

}  // namespace

void Rnn(Conversion& c) {
  const std::string mode = c.String("mode", "LSTM");
  const Kind* kind = FindKind(mode);
  if (kind == nullptr)
    return c.Fail(Unimplemented("mode '{}'; LSTM, GRU, RNN_TANH and RNN_RELU are known", Printable(mode)));
  Layers(c, *kind).Convert();
}

}  // namespace oarlock::paddle

#include "script.h"

#include <charconv>

namespace oarlock::fake {
namespace {

// By number.
constexpr std::string_view kCodes[] = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

// One line of the script, taken apart word by word.
class Line {
 public:
  Line(std::string_view text, int number) : rest_(text), number_(number) {}

  [[noreturn]] void Fail(std::string_view what) const {
    throw Failure(Code::kInvalidArgument,
                  "line " + std::to_string(number_) + " of the fake engine's script: " + std::string(what));
  }
  std::string_view Word(std::string_view what) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
    const std::string_view word = rest_.substr(0, rest_.find(' '));
    if (word.empty()) Fail("there is no " + std::string(what));
    rest_.remove_prefix(word.size());
    return word;
  }
  int64_t Number(std::string_view what) { return Number(Word(what), what); }
  int64_t Number(std::string_view word, std::string_view what) const {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size()) Fail(std::string(what) + " is no number");
    return value;
  }
  std::string Rest() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
    return std::string(std::exchange(rest_, {}));
  }
  template <size_t count>
  int32_t OneOf(const std::string_view (&names)[count], std::string_view what) {
    const std::string_view word = Word(what);
    for (size_t i = 0; i < count; ++i) {
      if (names[i] == word) return static_cast<int32_t>(i);
    }
    Fail("'" + std::string(word) + "' is no " + std::string(what));
  }
  oar_dtype DType() {
    const std::string_view word = Word("dtype");
    for (oar_dtype dtype = OAR_DTYPE_BOOL; dtype <= OAR_DTYPE_BYTES; ++dtype) {
      if (NameOf(dtype) == word) return dtype;
    }
    Fail("'" + std::string(word) + "' is no dtype");
  }
  oarlock::fake::Port Port() {
    oarlock::fake::Port port;
    port.name = Word("name");
    port.dtype = DType();
    port.rank = 0;
    std::string_view dims = Word("dims");
    if (dims == "scalar") return port;
    while (true) {
      const size_t comma = dims.find(',');
      if (port.rank == OAR_MAX_RANK) Fail("there are too many dims");
      const int64_t dim = Number(dims.substr(0, comma), "dim");
      if (dim < -1) Fail("a dim is at least 0, or -1 for dynamic");
      port.dims[port.rank++] = dim;
      if (comma == std::string_view::npos) return port;
      dims.remove_prefix(comma + 1);
    }
  }

 private:
  std::string_view rest_;
  int number_;
};

void Apply(Line& line, Script* script) {
  const std::string_view key = line.Word("key");
  if (key == "input") {
    script->inputs.push_back(line.Port());
  } else if (key == "output") {
    script->outputs.push_back(line.Port());
  } else if (key == "op") {
    constexpr std::string_view kOps[] = {"identity", "double", "add"};
    script->op = static_cast<Op>(line.OneOf(kOps, "op"));
    if (script->op == Op::kAdd) script->add = line.Number("number to add");
  } else if (key == "dynamic_output") {
    script->dynamic_output = true;
  } else if (key == "told_rows") {
    script->told_rows = line.Number("rows");
  } else if (key == "delay_us") {
    script->delay_us = line.Number("delay");
  } else if (key == "row_delay_us") {
    script->row_delay_us = line.Number("delay");
  } else if (key == "load_delay_us") {
    script->load_delay_us = line.Number("delay");
  } else if (key == "fail_load") {
    script->load_code = line.OneOf(kCodes, "code");
    script->load_text = line.Rest();
  } else if (key == "fail_run") {
    script->run_fails_every = line.Number("count");
    if (script->run_fails_every < 1) line.Fail("the count is at least 1");
    script->run_code = line.OneOf(kCodes, "code");
    script->run_text = line.Rest();
  } else if (key == "unsupported") {
    std::string type(line.Word("type"));
    script->unsupported.emplace_back(std::move(type), static_cast<size_t>(line.Number("count")));
  } else if (key == "strict_alignment") {
    script->strict_alignment = true;
  } else if (key == "race_safe") {
    script->race_safe = true;
  } else if (key == "keeps_source") {
    script->keeps_source = true;
  } else if (key == "weights") {
    script->weights_bytes = line.Number("size");
  } else {
    line.Fail("'" + std::string(key) + "' is no key");
  }
  if (!line.Rest().empty()) line.Fail("there is more than the key takes");
}

void CheckPorts(const Script& script) {
  const auto fail = [](std::string text) {
    throw Failure(Code::kInvalidArgument, "the fake engine's script: " + std::move(text));
  };
  if (script.outputs.empty() || script.outputs.size() > script.inputs.size())
    fail("it needs an input for each output, and one output");
  for (size_t i = 0; i < script.outputs.size(); ++i) {
    const Port& in = script.inputs[i];
    const Port& out = script.outputs[i];
    const bool same = in.dtype == out.dtype && in.rank == out.rank && std::equal(in.dims, in.dims + in.rank, out.dims);
    if (!same) fail("output '" + out.name + "' is computed from input '" + in.name + "' and needs its dtype and dims");
  }
}

}  // namespace

Script ParseScript(std::string_view text) {
  Script script;
  for (int number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const std::string_view words = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (words.find_first_not_of(' ') == std::string_view::npos || words.front() == '#') continue;
    Line line(words, number);
    Apply(line, &script);
  }
  CheckPorts(script);
  return script;
}

}  // namespace oarlock::fake

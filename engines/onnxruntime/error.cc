#include "error.h"

#include <algorithm>

#include "library.h"

namespace oarlock::onnxruntime {
namespace {

using plugin::Code;
using plugin::Failure;

// A message stands behind a place in ONNX Runtime's sources, the function, the check that failed and at times the code
// once more: "/x/onnxruntime/core/a.cc:7 void onnxruntime::F(int) i < n was false. What is wrong". This gives its end.
std::string_view WithoutPlace(std::string_view text) {
  const size_t place = text.find("/onnxruntime/core/");
  if (place == std::string_view::npos) return text;
  const std::string_view rest = text.substr(place);
  constexpr std::string_view kAgain = "[ONNXRuntimeError] : ";
  if (size_t at = rest.find(kAgain); at != std::string_view::npos) {
    at = rest.find(" : ", rest.find(" : ", at + kAgain.size()) + 1);  // past the number and the name
    if (at != std::string_view::npos) return rest.substr(at + 3);
  }
  for (std::string_view mark : {" was false. ", ") "}) {
    if (const size_t at = rest.find(mark); at != std::string_view::npos) return rest.substr(at + mark.size());
  }
  return {};
}

// "Non-zero status code returned while running Add node. Name:'sum' Status Message: ..." as "Add 'sum': ...".
std::string WithoutPreamble(std::string_view text) {
  constexpr std::string_view kBefore = "Non-zero status code returned while running ";
  constexpr std::string_view kAfter = " Status Message: ";
  const size_t before = text.find(kBefore);
  const size_t after = text.find(kAfter);
  if (before == std::string_view::npos || after == std::string_view::npos) return std::string(WithoutPlace(text));
  std::string_view node = text.substr(before + kBefore.size());
  node = node.substr(0, node.find(' '));
  std::string_view name = text.substr(0, after);
  name.remove_prefix(std::min(name.size(), name.rfind("Name:") + 5));
  return std::string(node) + (name == "''" ? "" : " " + std::string(name)) + ": " +
         std::string(WithoutPlace(text.substr(after + kAfter.size())));
}

}  // namespace

std::string OneLine(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string part = WithoutPreamble(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    for (char& c : part) {
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    }
    const size_t first = part.find_first_not_of(" :");
    if (first == std::string::npos || part.starts_with("Stacktrace")) continue;
    if (!line.empty()) line += ": ";
    line.append(part, first, part.find_last_not_of(" :.") + 1 - first);
  }
  return line.empty() ? "the engine gave no reason" : line;
}

Problem Take(OrtStatus* status) {
  struct Freed {
    OrtStatus* status;
    ~Freed() { Api().ReleaseStatus(status); }
  } const freed{status};
  return {Api().GetErrorCode(status), Api().GetErrorMessage(status)};
}

void Throw(const Problem& problem, Code otherwise, std::string_view what) {
  const bool no_memory = problem.text.find("bad_alloc") != std::string::npos ||
                         problem.text.find("Failed to allocate memory") != std::string::npos;
  const Code code = no_memory                             ? Code::kResourceExhausted
                    : problem.code == ORT_NOT_IMPLEMENTED ? Code::kUnimplemented
                                                          : otherwise;
  throw Failure(code, std::string(what) + (what.empty() ? "" : ": ") + OneLine(problem.text));
}

void Check(OrtStatus* status, Code otherwise, std::string_view what) {
  if (status != nullptr) Throw(Take(status), otherwise, what);
}

}  // namespace oarlock::onnxruntime

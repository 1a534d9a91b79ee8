#include "error.h"

#include "library.h"

namespace oarlock::onnxruntime {
namespace {

using plugin::Code;
using plugin::Failure;

// "/…/onnxruntime/core/graph/graph.cc:1234 void onnxruntime::Graph::F(int) condition was false. " up to where its words
// begin; its messages put a place in its sources, the function and the check before them.
std::string_view WithoutPlace(std::string_view line) {
  const size_t place = line.find("/onnxruntime/core/");
  if (place == std::string_view::npos) return line;
  const size_t begin = line.rfind(' ', place);
  const std::string_view before = begin == std::string_view::npos ? std::string_view() : line.substr(0, begin);
  if (before.size() > 8) return before;  // the words came first
  for (std::string_view mark : {" was false. ", ") "}) {
    const size_t at = line.rfind(mark);
    if (at != std::string_view::npos && at > place) return line.substr(at + mark.size());
  }
  const size_t space = line.find(' ', place);
  return space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
}

}  // namespace

std::string OneLine(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string part(WithoutPlace(text.substr(0, end)));
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

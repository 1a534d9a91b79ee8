#include "error.h"

#include <algorithm>
#include <new>

#include "openvino/core/except.hpp"
#include "openvino/frontend/exception.hpp"
#include "openvino/runtime/exception.hpp"

namespace oarlock::openvino {
namespace {

constexpr std::string_view kThrown = "CALLBACK HAS THROWN:";

// Takes "Check 'x' failed at src/core/node.cpp:12: " and the like out of one line.
std::string WithoutPlaces(std::string part) {
  for (char& c : part) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  for (std::string_view suffix : {".cpp:", ".hpp:"}) {
    for (size_t at = part.find(suffix); at != std::string::npos; at = part.find(suffix)) {
      const size_t space = part.rfind(' ', at);
      size_t begin = space == std::string::npos ? 0 : space + 1;
      const size_t end = std::min(part.find(' ', at), part.size());
      const std::string_view before = std::string_view(part).substr(0, begin);
      if (before.ends_with("' failed at ") && before.rfind("Check '") != std::string_view::npos) {
        begin = before.rfind("Check '");
      } else if (before.ends_with("Exception from ")) {
        begin -= std::string_view("Exception from ").size();
      } else if (before.ends_with(" at ")) {
        begin -= std::string_view("at ").size();
      }
      part.erase(begin, end - begin);
    }
  }
  return part;
}

}  // namespace

std::string OneLine(std::string_view text) {
  // A graph pass that fails puts the whole node with all its ports before what it has to say.
  if (const size_t at = text.find(kThrown); at != std::string_view::npos) text.remove_prefix(at + kThrown.size());
  std::string line;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string part = WithoutPlaces(std::string(text.substr(0, end)));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const size_t first = part.find_first_not_of(" :");
    if (first == std::string::npos || part.starts_with("FrontEnd API failed with")) continue;
    if (!line.empty()) line += ": ";
    line.append(part, first, part.find_last_not_of(" :.") + 1 - first);
  }
  return line.empty() ? "the engine gave no reason" : line;
}

Failure ConversionFailure(const std::exception& e) {
  const bool is_pass = std::string_view(e.what()).find(kThrown) != std::string_view::npos;
  const bool is_operator = dynamic_cast<const ov::frontend::OpConversionFailure*>(&e) != nullptr;
  return {is_pass || is_operator ? Code::kUnimplemented : Code::kInvalidArgument,
          "the model cannot be converted: " + OneLine(e.what())};
}

int32_t Report(oar_engine_error* error) noexcept {
  try {
    try {
      throw;
    } catch (const Failure&) {
      throw;
    } catch (const ov::Cancelled&) {
      throw Failure(Code::kCancelled, "the run was cancelled");
    } catch (const ov::NotImplemented& e) {
      throw Failure(Code::kUnimplemented, OneLine(e.what()));
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& e) {
      throw Failure(Code::kInternal, OneLine(e.what()));
    }
  } catch (...) {
    return plugin::Report(error);
  }
}

}  // namespace oarlock::openvino

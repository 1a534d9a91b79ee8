#include "error.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "openvino/core/except.hpp"
#include "openvino/frontend/exception.hpp"
#include "openvino/runtime/exception.hpp"

namespace oarlock::openvino {
namespace {

void Write(std::string_view text, oar_engine_error* error) noexcept {
  if (error == nullptr) return;
  size_t size = std::min(text.size(), static_cast<size_t>(OAR_ENGINE_ERROR_BYTES - 1));
  // Never end inside a UTF-8 sequence.
  while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  std::memcpy(error->text, text.data(), size);
  error->text[size] = '\0';
}

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

int32_t Report(oar_engine_error* error, Code otherwise) noexcept {
  try {
    try {
      throw;
    } catch (const Failure& e) {
      Write(e.what(), error);
      return static_cast<int32_t>(e.code());
    } catch (const std::bad_alloc&) {
      Write("out of memory", error);
      return static_cast<int32_t>(Code::kResourceExhausted);
    } catch (const ov::Cancelled&) {
      Write("the run was cancelled", error);
      return static_cast<int32_t>(Code::kCancelled);
    } catch (const ov::NotImplemented& e) {
      Write(OneLine(e.what()), error);
      return static_cast<int32_t>(Code::kUnimplemented);
    } catch (const std::exception& e) {
      Write(OneLine(e.what()), error);
      return static_cast<int32_t>(otherwise);
    } catch (...) {
      Write("the engine threw what is no std::exception", error);
      return static_cast<int32_t>(otherwise);
    }
  } catch (...) {  // no memory for the text
    Write("out of memory", error);
    return static_cast<int32_t>(Code::kResourceExhausted);
  }
}

}  // namespace oarlock::openvino

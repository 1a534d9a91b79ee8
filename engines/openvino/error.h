// OpenVINO's exceptions as codes and one line of text each.
#ifndef OARLOCK_ENGINES_OPENVINO_ERROR_H_
#define OARLOCK_ENGINES_OPENVINO_ERROR_H_

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "../plugin/failure.h"
#include "oarlock/engine.h"

namespace oarlock::openvino {

using plugin::Code;
using plugin::Failure;

// OpenVINO's multi-line texts as one line, without the places in its own sources.
std::string OneLine(std::string_view text);

// What a reader of OpenVINO's threw while it converted a graph. UNIMPLEMENTED if an operator or a pass over the graph
// gave up, which a sound model can cause; else INVALID_ARGUMENT.
Failure ConversionFailure(const std::exception& e);

// For a catch block: as plugin::Report, and knows OpenVINO's own exceptions.
int32_t Report(oar_engine_error* error) noexcept;

// Runs `body`; an exception of OpenVINO's leaves as a Failure with `code` and `what` before its text.
template <typename Body>
auto Explained(Code code, std::string_view what, Body body) {
  try {
    return body();
  } catch (const Failure&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    throw Failure(code, std::string(what) + ": " + OneLine(e.what()));
  }
}

}  // namespace oarlock::openvino

#endif  // OARLOCK_ENGINES_OPENVINO_ERROR_H_

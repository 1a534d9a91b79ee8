#include "failure.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace oarlock::plugin {

void Write(std::string_view text, oar_engine_error* error) noexcept {
  if (error == nullptr) return;
  size_t size = std::min(text.size(), static_cast<size_t>(OAR_ENGINE_ERROR_BYTES - 1));
  // Never end inside a UTF-8 sequence.
  while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  std::memcpy(error->text, text.data(), size);
  error->text[size] = '\0';
}

int32_t Report(oar_engine_error* error) noexcept {
  try {
    throw;
  } catch (const Failure& e) {
    Write(e.what(), error);
    return static_cast<int32_t>(e.code());
  } catch (const std::bad_alloc&) {
    Write("out of memory", error);
    return static_cast<int32_t>(Code::kResourceExhausted);
  } catch (const std::exception& e) {
    Write(e.what(), error);
  } catch (...) {
    Write("the engine threw what is no std::exception", error);
  }
  return static_cast<int32_t>(Code::kInternal);
}

}  // namespace oarlock::plugin

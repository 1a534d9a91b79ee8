// Texts from outside, on their way into JSON or a label: what is UTF-8, and what of them can stay. Thread-safe.
//   json.String(ValidUtf8(name));
#ifndef OARLOCK_BASE_UTF8_H_
#define OARLOCK_BASE_UTF8_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace oarlock {

// Bytes of the code point that `text`, which is not empty, begins with; 0 if it begins with none. Overlong forms,
// surrogates and numbers above U+10FFFF are none.
size_t CodePointBytes(std::string_view text);

// Is all of it code points?
bool IsUtf8(std::string_view text);

// The same text, with U+FFFD for each byte that is part of no code point.
std::string ValidUtf8(std::string_view text);

}  // namespace oarlock

#endif  // OARLOCK_BASE_UTF8_H_

// "Did you mean": the known word nearest to one that is not known.
#ifndef OARLOCK_BASE_NEAREST_H_
#define OARLOCK_BASE_NEAREST_H_

#include <span>
#include <string>
#include <string_view>

namespace oarlock {

// The known word of the least Levenshtein distance, if that is at most a third of the word's length (at least 2);
// else empty. The first of several equally near ones.
std::string_view Nearest(std::string_view word, std::span<const std::string_view> known);

// "; did you mean 'x'?" or, with nothing near, "; known: a, b, c".
std::string Suggestion(std::string_view word, std::span<const std::string_view> known);

}  // namespace oarlock

#endif  // OARLOCK_BASE_NEAREST_H_

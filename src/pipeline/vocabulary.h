// What the classes of a model are called: the characters of a CTC model, the labels of a classifier.
// Thread rule: pure functions; any thread.
#ifndef OARLOCK_PIPELINE_VOCABULARY_H_
#define OARLOCK_PIPELINE_VOCABULARY_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace oarlock {

// The code points of a UTF-8 text, each as a text of its own, in order. "aé" -> {"a", "é"}.
absl::StatusOr<std::vector<std::string>> SplitCharset(std::string_view utf8);

// A label a line. Lines may end in CR LF, the last may end in nothing, and a byte order mark is skipped. An empty line
// is an empty label: it keeps the place of its class. UTF-8, since labels go out in JSON.
absl::StatusOr<std::vector<std::string>> ParseLabels(std::string_view text);

}  // namespace oarlock

#endif  // OARLOCK_PIPELINE_VOCABULARY_H_

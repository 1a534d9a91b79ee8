// The fixture of every conformance test: one engine, by name.
#ifndef OARLOCK_TESTS_ENGINE_CONFORMANCE_CONFORMANCE_H_
#define OARLOCK_TESTS_ENGINE_CONFORMANCE_CONFORMANCE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "sample.h"

namespace oarlock {

class EngineConformance : public testing::TestWithParam<std::string> {
 protected:
  SampleFiles Files(Sample sample) const { return FilesOf(GetParam(), sample); }
  std::shared_ptr<CompiledModel> Load(Sample sample) const { return MustLoad(GetParam(), Files(sample)); }
  std::unique_ptr<EngineExecution> Make(Sample sample) const { return MustMake(Load(sample)); }
};

// Is `status` of this code, and does its text hold each of these words?
inline void ExpectError(const absl::Status& status, absl::StatusCode code,
                        std::initializer_list<std::string_view> words) {
  EXPECT_EQ(status.code(), code) << status;
  const std::string message(MessageOf(status));
  for (std::string_view word : words) EXPECT_THAT(message, testing::HasSubstr(std::string(word)));
  // One line, and nothing of the engine's own sources.
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  EXPECT_EQ(message.find(".cpp"), std::string::npos) << message;
}

}  // namespace oarlock

#endif  // OARLOCK_TESTS_ENGINE_CONFORMANCE_CONFORMANCE_H_

// A fixture on an engine.
#ifndef OARLOCK_TESTS_PADDLE_ENGINE_RUN_H_
#define OARLOCK_TESTS_PADDLE_ENGINE_RUN_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "engine/engine.h"
#include "fixture.h"

namespace oarlock {

std::vector<std::string> EnginesOfThisBuild();

// OK if the engine gives Paddle's answers.
absl::Status RunOn(const std::string& engine, const ModelSource& source, const Fixture& fixture);

}  // namespace oarlock

#endif  // OARLOCK_TESTS_PADDLE_ENGINE_RUN_H_

// Which engines the suite runs against. An engine is added in sample.cc.
#include "conformance.h"

namespace oarlock {

INSTANTIATE_TEST_SUITE_P(Engines, EngineConformance, testing::ValuesIn(EnginesUnderTest()),
                         [](const testing::TestParamInfo<std::string>& engine) { return engine.param; });

}  // namespace oarlock

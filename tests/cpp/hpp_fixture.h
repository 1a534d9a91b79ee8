// A runtime and models of the fake engine, through oarlock.hpp; and that no test leaves a handle behind.
#ifndef OARLOCK_TESTS_CPP_HPP_FIXTURE_H_
#define OARLOCK_TESTS_CPP_HPP_FIXTURE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>

#include "oarlock/oarlock.hpp"

namespace oarlock {

inline constexpr oar_object kKinds[] = {OAR_OBJECT_RUNTIME, OAR_OBJECT_TENSOR, OAR_OBJECT_PREDICTOR,
                                        OAR_OBJECT_RUNNER,  OAR_OBJECT_IMAGE,  OAR_OBJECT_SERVER};

// Destroyed after the members of a fixture.
class NoLeakTest : public testing::Test {
 protected:
  ~NoLeakTest() override {
    for (const oar_object kind : kKinds)
      EXPECT_EQ(oar_object_count(kind), 0) << "handles of kind " << kind << " are left";
  }
};

inline constexpr char kAddOne[] = "input x FP32 1,16\noutput y FP32 1,16\nop add 1\n";
inline constexpr std::chrono::seconds kWait(60);  // far beyond any answer

class HppTest : public NoLeakTest {
 protected:
  static Runtime MakeRuntime() {
    RuntimeOptions options;
    options.thread_budget = 2;
    options.engine_path = OARLOCK_BUILD_DIR "/lib/oarlock/engines";
    options.cache_dir = "none";
    return Runtime::Create(options).value();
  }
  static LoadOptions FakeOptions() {
    LoadOptions options;
    options.engine = "fake";
    options.format = OAR_FORMAT_FAKE;
    return options;
  }
  Predictor Load(const std::string& script) {
    return Predictor::LoadMemory(runtime_, script, {}, FakeOptions()).value();
  }

  Runtime runtime_ = MakeRuntime();
};

// What `call` throws.
template <typename F>
Error Thrown(F call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return Error(OAR_OK, "");
}

}  // namespace oarlock

#endif  // OARLOCK_TESTS_CPP_HPP_FIXTURE_H_

// fork() before the first use, and exec() after a fork. What a forked child of a user is refused is in
// generated/fork_test.cc.
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"

namespace oarlock::capi_test {
namespace {

// The numbers of one inference, by everything made anew.
std::vector<float> RunOnce() {
  const auto runtime = NewRuntime();
  const auto predictor = Load(runtime.get(), kAdd);
  const auto x = Of<float>({1, 16}, Numbers(16));
  Owned<oar_tensor> y;
  const oar_tensor input = x.get();
  EXPECT_TRUE(Ok(oar_predictor_infer, predictor.get(), nullptr, &input, size_t{1}, y.out(), size_t{1}));
  return Elements<float>(y.get());
}

void ExpectEndsWith0(pid_t child) {
  ASSERT_GT(child, 0);
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

// The first of this program, which has not used the library yet.
TEST(Fork, BeforeTheFirstUseBothSidesMayUseTheLibrary) {
  EXPECT_GT(oar_monotonic_now_ns(), 0);  // what is legal after a fork is no use
  EXPECT_EQ(oar_object_count(OAR_OBJECT_TENSOR), 0U);
  const pid_t child = fork();
  if (child == 0) _exit(RunOnce() == Numbers(16, 1) ? 0 : 1);
  EXPECT_EQ(RunOnce(), Numbers(16, 1));
  ExpectEndsWith0(child);
}

TEST(Fork, AfterwardsTheChildIsToldAndTheParentGoesOn) {
  const auto runtime = NewRuntime();
  const auto predictor = Load(runtime.get(), kAdd);
  const pid_t child = fork();
  if (child == 0) {
    oar_error* error = nullptr;
    oar_state state = -1;
    const oar_code code = oar_predictor_state(predictor.get(), &state, &error);
    const bool told = code == OAR_FAILED_PRECONDITION && oar_error_code(error) == code &&
                      std::string_view(oar_error_message(error)).find("forked") != std::string_view::npos;
    oar_error_free(error);
    _exit(told && state == -1 && std::string_view(oar_code_name(code)) == "FAILED_PRECONDITION" ? 0 : 1);
  }
  ExpectEndsWith0(child);
  oar_state state = -1;
  EXPECT_TRUE(Ok(oar_predictor_state, predictor.get(), &state));
  EXPECT_EQ(state, OAR_STATE_READY);
}

TEST(Fork, ChildOfAChildIsToldToo) {
  ASSERT_EQ(RunOnce(), Numbers(16, 1));
  const pid_t child = fork();
  if (child == 0) {
    const pid_t grandchild = fork();
    if (grandchild == 0) {
      oar_runtime runtime{0};
      _exit(oar_runtime_create(nullptr, &runtime, nullptr) == OAR_FAILED_PRECONDITION ? 0 : 1);
    }
    int status = -1;
    _exit(waitpid(grandchild, &status, 0) == grandchild && status == 0 ? 0 : 1);
  }
  ExpectEndsWith0(child);
}

TEST(Fork, ThenExecIsAsGoodAsNew) {
  ASSERT_EQ(RunOnce(), Numbers(16, 1));
  const pid_t child = fork();
  if (child == 0) {
    execl("/proc/self/exe", "fork_test", "--gtest_filter=Executed.RunsAModel", "--gtest_brief=1", nullptr);
    _exit(127);
  }
  ExpectEndsWith0(child);
}

TEST(Executed, RunsAModel) { EXPECT_EQ(RunOnce(), Numbers(16, 1)); }

}  // namespace
}  // namespace oarlock::capi_test

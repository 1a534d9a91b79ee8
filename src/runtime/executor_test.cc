#include "runtime/executor.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <future>

namespace oarlock {
namespace {

TEST(Executor, RunsInOrderOnOneThread) {
  Executor executor("test", 1, 100);
  std::vector<int> order;
  std::promise<void> done;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(executor
                    .Post([&order, &done, i](uint64_t, absl::Status status) {
                      EXPECT_TRUE(status.ok());
                      order.push_back(i);
                      if (i == 49) done.set_value();
                    })
                    .ok());
  }
  done.get_future().wait();
  ASSERT_EQ(order.size(), 50u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(Executor, StopCancelsWhatWaitsAndRefusesTheRest) {
  Executor executor("test", 1, 100);
  std::promise<void> running;
  std::promise<void> go;
  std::atomic<int> cancelled{0};
  std::atomic<int> ran{0};
  ASSERT_TRUE(executor
                  .Post([&](uint64_t, absl::Status) {
                    ++ran;
                    running.set_value();
                    go.get_future().wait();
                  })
                  .ok());
  running.get_future().wait();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(executor
                    .Post([&](uint64_t, absl::Status status) {
                      status.code() == absl::StatusCode::kCancelled ? ++cancelled : ++ran;
                    })
                    .ok());
  }
  EXPECT_EQ(executor.queue_size(), 5u);
  std::thread stopper([&] { executor.Stop(); });
  while (cancelled < 5) std::this_thread::yield();
  go.set_value();
  stopper.join();
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(executor.Post([](uint64_t, absl::Status) {}).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Executor, ThreadsTakeNoSignalsMeantForTheHost) {
  Executor executor("test", 1, 1);
  std::promise<bool> blocked;
  ASSERT_TRUE(executor
                  .Post([&blocked](uint64_t, absl::Status) {
                    sigset_t set;
                    pthread_sigmask(SIG_BLOCK, nullptr, &set);
                    blocked.set_value(sigismember(&set, SIGURG) == 1 && sigismember(&set, SIGTERM) == 1 &&
                                      sigismember(&set, SIGSEGV) == 0);
                  })
                  .ok());
  EXPECT_TRUE(blocked.get_future().get());
  sigset_t set;
  pthread_sigmask(SIG_BLOCK, nullptr, &set);
  EXPECT_EQ(sigismember(&set, SIGTERM), 0);  // this thread is as it was
}

}  // namespace
}  // namespace oarlock

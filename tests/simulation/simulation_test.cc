// The whole runtime with the fake engine, pressed at random while models come and go. Every request ends exactly once,
// with the right answer or an error that is due, and all that was lent is given back.
#include <gtest/gtest.h>

#include <thread>

#include "base/rounds_test.h"
#include "requests.h"

namespace oarlock {
namespace {

void ExpectAllEnded(const Tally& tally) {
  EXPECT_EQ(tally.wrong, 0);
  EXPECT_EQ(tally.asked, tally.refused + tally.answered + tally.cancelled + tally.expired + tally.failed);
  EXPECT_EQ(tally.lent, tally.released);
  std::printf("asked %ld: answered %ld, refused %ld, cancelled %ld, expired %ld, failed %ld\n", tally.asked.load(),
              tally.answered.load(), tally.refused.load(), tally.cancelled.load(), tally.expired.load(),
              tally.failed.load());
}

// One thread and a clock that is moved by hand: a seed is one course of events.
void Simulate(uint64_t seed, int steps, Tally* tally) {
  FakeClock clock;
  WorldOptions options;
  options.worker_count = 0;
  options.clock = &clock;
  World world("simulation", options);
  Requests requests(&world, &clock, std::chrono::microseconds(2000), World::Random(seed), tally);
  World::Random& random = *requests.random();
  for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
    const uint64_t dice = random() % 1000;
    if (dice < 400) {
      requests.AskLater();
    } else if (dice < 480) {
      requests.AskInline();
    } else if (dice < 540) {
      requests.CancelOne();
    } else if (dice < 600) {
      requests.Release();
    } else if (dice < 700) {
      clock.Advance(std::chrono::microseconds(random() % 500));
    } else if (dice < 703) {
      world.Change(&random);
    } else {
      world.scheduler().RunOne();
    }
  }
  world.Restore();
  // Until the last has ended, within the time that a request may wait.
  for (int i = 0; i < 1000 && tally->lent != tally->released; ++i) {
    requests.Release();
    while (world.scheduler().RunOne()) requests.Release();
    clock.Advance(std::chrono::milliseconds(1));
  }
}

TEST(Simulation, EveryRequestEndsOnceWhateverHappens) {
  Tally tally;
  const int seeds = IsLongRun() ? 200 : 10;
  for (int seed = 1; seed <= seeds && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Simulate(static_cast<uint64_t>(seed), 10'000, &tally);
  }
  ExpectAllEnded(tally);
  // All of it was tried.
  for (const auto* count : {&tally.answered, &tally.refused, &tally.cancelled, &tally.expired, &tally.failed}) {
    EXPECT_GT(*count, seeds);
  }
}

TEST(Simulation, TheSameWithThreads) {
  Tally tally;
  WorldOptions options;
  options.run_delay_us = 50;
  World world("threads", options);
  const int steps = IsLongRun() ? 100'000 : 2'000;
  {
    std::vector<std::unique_ptr<Requests>> clients;
    for (uint64_t i = 0; i < 4; ++i) {
      clients.push_back(std::make_unique<Requests>(&world, &Clock::Steady(), std::chrono::microseconds(5000),
                                                   World::Random(i), &tally));
    }
    std::vector<std::thread> threads;
    for (const auto& client : clients) {
      threads.emplace_back([&client = *client, &world, steps] {
        World::Random& random = *client.random();
        for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
          const uint64_t dice = random() % 1000;
          if (dice < 500) {
            client.AskLater();
          } else if (dice < 650) {
            client.AskAndWait();
          } else if (dice < 750) {
            client.AskInline();
          } else if (dice < 850) {
            client.CancelOne();
          } else if (dice < 990) {
            client.Release();
          } else {
            world.Change(&random);
          }
        }
        client.Release();
      });
    }
    for (std::thread& thread : threads) thread.join();
    // What is still kept goes while the last ones are answered: they may need it.
    for (int i = 0; i < 30'000 && tally.lent != tally.released; ++i) {
      for (const auto& client : clients) client->Release();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ExpectAllEnded(tally);
  }
  EXPECT_TRUE(world.repository().WaitUntilRetired(std::chrono::seconds(30)));
}

}  // namespace
}  // namespace oarlock

#include "server/http/patience.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <thread>

#include "gtest/gtest.h"

namespace oarlock {
namespace {

using std::chrono::milliseconds;

// As a connection has it.
struct Owner : std::enable_shared_from_this<Owner> {
  Owner(boost::asio::io_context* io, int* ends)
      : patience(
            io->get_executor(), [this] { return shared_from_this(); }, [ends] { ++*ends; }) {}
  Patience patience;
};

class PatienceTest : public testing::Test {
 protected:
  boost::asio::io_context io_;
  int ends_ = 0;
  std::shared_ptr<Owner> owner_ = std::make_shared<Owner>(&io_, &ends_);
};

TEST_F(PatienceTest, EndsOnce) {
  owner_->patience.Allow(milliseconds(1));
  io_.run();
  EXPECT_EQ(ends_, 1);
}

TEST_F(PatienceTest, ForgottenNeverEnds) {
  owner_->patience.Allow(milliseconds(1));
  owner_->patience.Forget();
  io_.run();
  EXPECT_EQ(ends_, 0);
}

TEST_F(PatienceTest, PutOffEndsLater) {
  const auto began = Patience::Clock::now();
  owner_->patience.Allow(milliseconds(1), began);
  owner_->patience.Allow(milliseconds(20), began);
  io_.run();
  EXPECT_EQ(ends_, 1);
  EXPECT_GE(Patience::Clock::now() - began, milliseconds(20));
}

// The timer has ended and its handler waits in the queue, behind the one that frees the owner.
TEST_F(PatienceTest, AnOwnerThatGoesWhileTheEndIsOnItsWayIsNotTouched) {
  boost::asio::steady_timer earlier(io_, milliseconds(1));
  earlier.async_wait([this](const boost::system::error_code&) { owner_.reset(); });
  owner_->patience.Allow(milliseconds(2));
  std::this_thread::sleep_for(milliseconds(10));
  io_.run();
  EXPECT_EQ(owner_, nullptr);
  EXPECT_EQ(ends_, 0);
}

}  // namespace
}  // namespace oarlock

// A time-out that is set anew for every request and hardly ever ends: putting it off costs no more than reading the
// clock. The timer below it is armed for the earliest end so far and, when that comes, again for what is left. Belongs
// to one executor's thread at a time.
#ifndef OARLOCK_SERVER_HTTP_PATIENCE_H_
#define OARLOCK_SERVER_HTTP_PATIENCE_H_

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>

namespace oarlock {

class Patience {
 public:
  using Clock = std::chrono::steady_clock;

  // `owner` gives what this is a part of: a timer that ends late must find nobody.
  Patience(const boost::asio::any_io_executor& executor, std::function<std::shared_ptr<void>()> owner,
           std::function<void()> at_end)
      : timer_(executor), owner_(std::move(owner)), at_end_(std::move(at_end)) {}

  void Allow(std::chrono::milliseconds time, Clock::time_point now = Clock::now()) {
    until_ = now + time;
    if (until_ < armed_) Arm();
  }
  // No end from here on.
  void Forget() { until_ = Clock::time_point::max(); }

 private:
  void Arm() {
    armed_ = until_;
    timer_.expires_at(armed_);
    // The owner is asked now: an end that is already on its way when the owner goes still comes, without an error.
    timer_.async_wait([this, owner = std::weak_ptr<void>(owner_())](const boost::system::error_code& error) {
      if (error) return;  // armed anew, or gone
      if (const std::shared_ptr<void> kept = owner.lock()) OnTimer();
    });
  }
  void OnTimer() {
    armed_ = Clock::time_point::max();
    if (until_ == Clock::time_point::max()) return;
    if (Clock::now() < until_) return Arm();
    Forget();
    at_end_();
  }

  boost::asio::steady_timer timer_;
  const std::function<std::shared_ptr<void>()> owner_;
  const std::function<void()> at_end_;
  Clock::time_point until_ = Clock::time_point::max();
  Clock::time_point armed_ = Clock::time_point::max();
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_PATIENCE_H_

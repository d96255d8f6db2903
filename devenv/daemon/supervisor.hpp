// Tells systemd that the loop turns, and the loop that it shall end.
#pragma once
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>

namespace photon::daemon {

class Supervisor {
 public:
  /// `stop` is called on the loop at SIGTERM or SIGINT, and at most once.
  Supervisor(boost::asio::io_context& loop, std::function<void()> stop);
  void start();
  /// Once answers are on their way: ends the loop.
  void finish();

 private:
  void beat();
  boost::asio::io_context& loop_;
  std::function<void()> stop_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer watchdog_;
  boost::asio::steady_timer last_;
  std::chrono::microseconds interval_{};
};

}  // namespace photon::daemon

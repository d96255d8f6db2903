#include "devenv/daemon/supervisor.hpp"

#include <boost/asio/io_context.hpp>
#include <csignal>

#include "devenv/daemon/sockets.hpp"

namespace photon::daemon {

Supervisor::Supervisor(boost::asio::io_context& loop, std::function<void()> stop)
    : loop_(loop), stop_(std::move(stop)), signals_(loop, SIGTERM, SIGINT), watchdog_(loop), last_(loop) {}

void Supervisor::start() {
  signals_.async_wait([this](boost::system::error_code error, int) {
    if (!error) stop_();
  });
  interval_ = watchdog() / 2;
  if (interval_.count() > 0) beat();
}

void Supervisor::beat() {
  notify("WATCHDOG=1");
  watchdog_.expires_after(interval_);
  watchdog_.async_wait([this](boost::system::error_code error) {
    if (!error) beat();
  });
}

void Supervisor::finish() {
  last_.expires_after(std::chrono::milliseconds(200));
  last_.async_wait([this](boost::system::error_code) { loop_.stop(); });
}

}  // namespace photon::daemon

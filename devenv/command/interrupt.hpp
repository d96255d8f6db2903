// Ctrl-C: the first asks to stop, the second leaves at once.
#pragma once
#include <stop_token>
#include <thread>

#include "devenv/core/fd.hpp"

namespace photon::command {

/// Takes SIGINT and SIGTERM while it lives. Make it before any thread is started: they inherit the blocked
/// signals.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }
  [[nodiscard]] bool happened() const { return source_.stop_requested(); }

 private:
  std::stop_source source_;
  Fd signals_;
  Fd end_;
  std::jthread waiter_;
};

}  // namespace photon::command

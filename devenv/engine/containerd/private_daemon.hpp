// A containerd of our own: its configuration, start, and end. Private to this folder.
#pragma once
#include <sys/types.h>

#include <mutex>
#include <string>

#include "devenv/core/error.hpp"

namespace photon::engine {

class PrivateDaemon {
 public:
  PrivateDaemon(std::string root, std::string state, bool in_user_namespace)
      : root_(std::move(root)), state_(std::move(state)), in_user_namespace_(in_user_namespace) {}
  [[nodiscard]] std::string socket() const { return state_ + "/containerd.sock"; }
  /// Whether somebody listens on the socket.
  [[nodiscard]] bool listening() const;
  /// Starts it and waits until it listens. The error quotes the last line of its log.
  Result<void> start();
  Result<void> stop();

 private:
  Result<std::string> write_config() const;
  Result<void> wait_until_listening(std::uint64_t log_from);
  [[nodiscard]] std::string last_words(std::uint64_t log_from) const;
  void reap();

  std::string root_;
  std::string state_;
  bool in_user_namespace_;
  pid_t child_ = -1;
};

}  // namespace photon::engine

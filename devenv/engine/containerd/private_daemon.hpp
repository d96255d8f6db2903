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
  /// For one that listens but serves nothing, because a part of it did not load: ended, and why.
  Error useless();

 private:
  Result<std::string> write_config() const;
  Result<void> wait_until_listening();
  [[nodiscard]] std::string last_words() const;
  [[nodiscard]] tl::unexpected<Error> not_started() const;
  void reap();

  std::string root_;
  std::string state_;
  bool in_user_namespace_;
  pid_t child_ = -1;
  std::uint64_t log_from_ = 0;  ///< where the log of this start begins
};

}  // namespace photon::engine

// Child processes: started without a shell, with nothing inherited but what is named.
#pragma once
#include <sys/types.h>
#include <chrono>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "devenv/core/fd.hpp"

namespace photon {

struct Command {
  std::vector<std::string> argv;  ///< argv[0] is looked up in PATH unless it has a slash
  std::optional<std::map<std::string, std::string>> environment{};  ///< none: ours
  std::string directory{};                                          ///< empty: ours
  int input = -1;                                                   ///< -1: /dev/null
  int output = -1;                                                  ///< -1: /dev/null
  int error = -1;                                                   ///< -1: /dev/null
  std::vector<std::pair<int, int>> pass{};  ///< (ours, the child's number), beyond 0, 1, 2
  bool new_session = false;                 ///< setsid: the child outlives our terminal
  bool dies_with_us = false;                ///< PR_SET_PDEATHSIG SIGKILL (of the thread that starts it)
  bool own_mounts = false;  ///< a mount namespace of its own, all private (root of a user namespace, too)
};

/// A running child. Dropping the value does not end the process; `wait` or `stop` does the reaping.
class Child {
 public:
  Child() = default;
  Child(pid_t pid, Fd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] int pidfd() const { return pidfd_.get(); }  ///< readable once it has ended
  /// Exit status, 128 + n for signal n. Cancelled: the child still runs.
  Result<int> wait(std::stop_token stop = {});
  /// nullopt: it had not ended after `limit`.
  Result<std::optional<int>> wait_for(std::chrono::milliseconds limit);
  /// SIGTERM, then SIGKILL after `grace`; reaps.
  Result<int> stop(std::chrono::milliseconds grace);
  Result<void> signal(int number);

 private:
  pid_t pid_ = -1;
  Fd pidfd_;
};

Result<Child> start(const Command& command);

struct Output {
  int status = 0;
  std::string out;
  std::string err;
};
/// Runs to the end with `input` on stdin, holding at most 16 MiB of each output. Past `limit`, or when
/// stopped, it is killed and the answer is an error of kind unavailable or cancelled.
Result<Output> run(Command command, std::string_view input = {},
                   std::chrono::milliseconds limit = std::chrono::minutes(5), std::stop_token stop = {});

/// The program of that name in PATH, with /usr/sbin and /sbin added (an ordinary user's PATH lacks them).
std::optional<std::string> find_program(std::string_view name);

}  // namespace photon

// The program that a container runs beside its init: when it is started again, and when its end is that of
// the container.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::inside {

struct Entry {
  std::vector<std::string> argv;    ///< none: there is no such program
  std::string user;                 ///< "" = root
  std::vector<std::string> groups;  ///< beside the user's own
  std::vector<std::string> own;     ///< mounts that become the user's as long as nothing is in them
  enum class Restart { no, always, on_failure } restart = Restart::no;
  unsigned most = 0;      ///< restarts; 0: without end
  std::vector<int> drop;  ///< capabilities that it and all other processes lack
  bool ends = false;      ///< the container ends with it, by its exit status
  int signal = 0;         ///< by which it is told to end; 0: all processes are told by SIGTERM
  pid_t pid = 0;          ///< as long as it runs
  int status = 0;         ///< of its last end; 128 + n: signal n
  unsigned again = 0;     ///< restarts so far
  std::chrono::steady_clock::time_point started{};
};

/// "no", "always", "on-failure", "on-failure:3"
Result<void> read_restart(const std::string& word, Entry& entry);

/// How long to wait until it is started again, longer each time; nullopt: it is not.
std::optional<std::chrono::milliseconds> wait_before_restart(Entry& entry,
                                                             std::chrono::steady_clock::time_point now);

/// Gives the user what `own` names.
Result<void> give_mounts(const Entry& entry);

}  // namespace photon::inside

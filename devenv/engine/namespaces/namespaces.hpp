// How an ordinary user becomes able to run containers: a user namespace by subordinate ids, held open by a
// small process so that it outlives the daemon (decision 13).
#pragma once
#include <string>

#include "devenv/core/error.hpp"

namespace photon::namespaces {

struct Entered {
  bool user = false;  ///< false: we are real root and stayed where we were, but for the mount namespace
  std::string hub_namespace;  ///< netns for bridge and pasta; "" for root
  int holder = -1;            ///< pid of the process that holds the namespaces; -1 for root
  unsigned outer_uid = 0;     ///< the user's own ids outside
  unsigned outer_gid = 0;
};

/// Call first in main, before any thread. For an ordinary user: finds the holder of `runtime` or starts one
/// (`holder_argv`: the program and argument that call `hold`), then joins its user and mount namespaces; we
/// are uid 0 there. Errors name the mending line (no subuid range, newuidmap missing, user namespaces
/// switched off).
Result<Entered> enter(const std::string& runtime, const std::vector<std::string>& holder_argv);

/// Body of the holder process: makes user, mount, cgroup and network namespaces, prepares /run and
/// /sys/fs/cgroup, tells the starter, then sleeps until `leave`. Returns the exit status.
int hold(const std::string& runtime);

/// Ends the holder of `runtime` (all containers must be gone).
Result<void> leave(const std::string& runtime);

/// For `devenv doctor`, from outside the namespace: each fault with its mending line, or nothing.
std::vector<Error> problems();

}  // namespace photon::namespaces

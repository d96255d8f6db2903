// A place for one build: namespaces, an overlay over a shared read-only tree, no network. As root or not.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"

namespace photon::forge {

struct Bind {
  std::string from{}, to{};
  bool writable = false;
};

struct SandboxCommand {
  std::vector<std::string> argv{};
  std::map<std::string, std::string> environment{};  ///< all of it: nothing is inherited
  std::string directory = "/";
  std::vector<std::string> trees{};  ///< lower layers, topmost first; never written
  std::string scratch{};  ///< a folder of ours: upper layer and work; kept for the caller to remove
  std::vector<Bind> binds{};
  int output = -1;                 ///< stdout and stderr of the build; -1: /dev/null
  int input = -1;                  ///< a terminal for `forge shell`
  std::uint64_t memory_limit = 0;  ///< bytes; 0: none. Where no cgroup may be made it is said once
  std::uint32_t process_limit = 0;
  std::chrono::seconds time_limit{0};
};

/// Namespaces of user, mounts, pids, ipc, host name ("build") and network (with nothing in it); the root is
/// an overlay of `trees` and `scratch`; /proc is fresh and its switches are read-only; /dev has six nodes,
/// pts and shm. Inside one is uid 0 without any right over the namespaces: no mounts, no further user
/// namespaces.
struct SandboxEnd {
  int status = 0;  ///< 128 + n for a signal
  bool timed_out = false, out_of_memory = false;
  double cpu_seconds = 0;
};

/// Runs it to its end. Stopped: everything inside is killed and the answer is `cancelled`. Every process
/// inside has ended when this returns, also when our own process is killed. An error means that the command
/// was not started: "sandbox.refused" with the step that the system refused.
Result<SandboxEnd> run_in_sandbox(const SandboxCommand& command, const Work& work);

/// A folder that holds the payloads of all these RPMs, made once per set of digests by hard links from
/// unpacked packages; scripts are not run, ldconfig's cache and /usr/bin-merge links are there. Shared,
/// read-only: the path below `cache`.
Result<std::string> compose_tree(const std::vector<std::string>& rpms, const std::vector<std::string>& sha256,
                                 const std::string& cache, const Work& work);

/// Removes a scratch folder, also what a build has left without rights.
Result<void> remove_scratch(const std::string& path);

/// Removes what processes that are no more have left in `folder`, where each thing is named PID-….
void sweep_scratch(const std::string& folder);

/// Trees and unpacked packages that were not used for longest go until at most `bytes` are left. Those used
/// within the last hour stay.
Result<std::uint64_t> collect_trees(const std::string& cache, std::uint64_t bytes);

}  // namespace photon::forge

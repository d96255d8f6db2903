// The OCI runtime spec ("config.json") of a container: pure, so that a test can read it as a whole.
#pragma once
#include <string>
#include <vector>

#include "devenv/core/json.hpp"
#include "devenv/engine/types.hpp"

namespace photon::engine {

/// A device node of this machine, for privileged containers.
struct Device {
  std::string path;
  char type = 'c';
  std::int64_t major = 0;
  std::int64_t minor = 0;
  std::uint32_t mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};

/// What the spec must know of the machine.
struct Machine {
  bool user_namespace = false;    ///< no device cgroup, no sysfs of our own
  bool unified_cgroups = false;   ///< cgroup v2 alone: containers get a cgroup namespace
  std::string cgroup_parent;      ///< "" = no cgroup path
  std::vector<std::string> held;  ///< capabilities that we may pass on ("CAP_CHOWN", …)
  std::vector<Device> devices;    ///< all of the machine; used only when privileged
};

/// Reads our own bounding set, the cgroup layout and (real root) the nodes below /dev.
Machine this_machine(bool user_namespace, std::string cgroup_parent);

/// Of "SYS_PTRACE" or "CAP_SYS_PTRACE", in any case, as the kernel counts; nullopt: there is none such.
std::optional<int> capability_number(std::string_view name);
/// How many there are.
int capability_count();

/// Errors: a capability or a security option that does not exist (kind usage).
Result<json::value> runtime_spec(const ContainerSpec& spec, const Machine& machine);
/// The process of an exec: that of the container's spec (capabilities, security) with other words.
Result<json::value> exec_process(const json::value& container_spec, const ProcessSpec& process);
/// What an unprivileged container with those capabilities may not call.
json::value seccomp_profile(const std::vector<std::string>& capabilities);

}  // namespace photon::engine

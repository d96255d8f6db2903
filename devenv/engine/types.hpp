// Values that an engine understands. Units and words are those of the OCI runtime and image specifications.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace photon::engine {

/// As in the OCI runtime spec and containerd's API.
struct Mount {
  std::string type;  ///< "bind", "overlay", "tmpfs", "proc", …
  std::string source;
  std::string target;  ///< absolute in the container; empty for the root file system
  std::vector<std::string> options;
  bool operator==(const Mount&) const = default;
};

/// The process of a container or of an exec. Ids are numbers: names were resolved before.
struct ProcessSpec {
  std::vector<std::string> argv;
  std::vector<std::string> env;  ///< KEY=VALUE
  std::string cwd = "/";
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> groups;
  bool terminal = false;
  bool operator==(const ProcessSpec&) const = default;
};

/// A limit of setrlimit(2) by the end of its name ("NOFILE"); the largest number is none.
struct Rlimit {
  std::string name;
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
  bool operator==(const Rlimit&) const = default;
};

/// What a control group allows; 0 and "": as much as there is. Without effect in a user namespace.
struct Resources {
  std::uint64_t memory = 0;       ///< bytes
  std::uint64_t memory_swap = 0;  ///< memory and swap together
  std::uint64_t memory_low = 0;
  std::uint64_t cpu_millis = 0;  ///< thousandths of a processor
  std::uint64_t cpu_shares = 0;
  std::string cpuset;
  std::int64_t pids = 0;
  bool operator==(const Resources&) const = default;
};

/// A node of this machine's /dev.
struct UsedDevice {
  std::string source;
  std::string target;
  char type = 'c';
  std::int64_t major = 0;
  std::int64_t minor = 0;
  std::uint32_t mode = 0666;
  std::string access = "rwm";
  bool operator==(const UsedDevice&) const = default;
};

/// All that a container needs; `id` is also its snapshot's key.
struct ContainerSpec {
  std::string id;
  std::string image;   ///< reference, kept with the record
  std::string parent;  ///< chain id (committed snapshot) that the root file system starts from; "" = empty
  std::map<std::string, std::string> labels;
  ProcessSpec process;
  std::vector<Mount> mounts;  ///< beyond proc, dev, devpts, shm, mqueue, sysfs, cgroup
  std::string hostname;
  std::string network_namespace;  ///< path of a netns file; "" = a new empty one
  bool privileged = false;
  std::vector<std::string> cap_add;  ///< "SYS_PTRACE" or "CAP_SYS_PTRACE"
  std::vector<std::string>
      security_opt;        ///< docker's words: "seccomp=unconfined", "apparmor=…", "no-new-privileges"
  bool read_only = false;  ///< the root file system
  std::map<std::string, std::string> sysctls;
  std::vector<Rlimit> rlimits;
  Resources resources;
  std::vector<UsedDevice> devices;
  int oom_score_adj = 0;
  std::string log_file;  ///< stdout and stderr of the init process go there; "" = nowhere
  bool operator==(const ContainerSpec&) const = default;
};

enum class TaskState { none, created, running, paused, stopped };

struct Container {
  std::string id;
  std::string image;
  std::map<std::string, std::string> labels;
  TaskState task = TaskState::none;
  std::uint32_t pid = 0;  ///< of the init process, in the pid namespace of the engine
  int exit_status = 0;    ///< when stopped
};

/// What happened in the engine: for reconcile and the event stream.
struct Event {
  enum class What { task_started, task_exited, task_oom, task_deleted, other } what = What::other;
  std::string container;
  std::string exec;  ///< empty: the init process
  int exit_status = 0;
};

struct EngineInfo {
  std::string name;     ///< "containerd"
  std::string version;  ///< "1.6.20"
  std::string runtime;  ///< "crun 1.8.1"
  bool own = false;     ///< started by us
  std::string socket;
};

}  // namespace photon::engine

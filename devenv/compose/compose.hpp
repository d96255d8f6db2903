// Compose files → one project: several containers that belong together. Pure: files and variables come
// through the caller. Source: the Compose Specification.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::compose {

struct Port {
  unsigned target = 0;     ///< inside
  unsigned published = 0;  ///< on this machine; 0: any
  Place where;
};

struct Mount {
  std::string type;    ///< bind, volume, tmpfs
  std::string source;  ///< bind: absolute; volume: a key of Project::volumes, "" = one of its own
  std::string target;
  bool read_only = false;
  bool create = false;                         ///< bind: a folder that is missing is made
  std::map<std::string, std::string> options;  ///< tmpfs-size, tmpfs-mode, bind-propagation
  Place where;
};

struct Health {
  bool disabled = false;
  std::vector<std::string> argv;  ///< run as it is
  std::string shell;              ///< or by /bin/sh -c
  std::chrono::milliseconds interval{30000};
  std::chrono::milliseconds timeout{30000};
  std::chrono::milliseconds start_period{0};
  std::chrono::milliseconds start_interval{5000};
  unsigned retries = 3;
};

struct Dependency {
  enum class Condition { started, healthy, completed } condition = Condition::started;
  bool required = true;
  Place where;
};

struct Build {
  std::string context;     ///< absolute
  std::string dockerfile;  ///< absolute
  std::string text;        ///< dockerfile_inline; "" = the file's
  std::map<std::string, std::string> args;
  std::string target;
  std::vector<std::string> options;  ///< of docker build
  Place where;
};

struct Ulimit {
  std::int64_t soft = 0;  ///< -1: without limit
  std::int64_t hard = 0;
  Place where;
};

struct Device {
  std::string source;
  std::string target;
  std::string access = "rwm";
  Place where;
};

/// A config or a secret as a file of the container.
struct File {
  std::string target;
  std::string content;
  bool secret = false;
  std::uint32_t mode = 0444;
  std::optional<std::uint32_t> uid;
  std::optional<std::uint32_t> gid;
};

struct Limits {
  std::uint64_t memory = 0;       ///< bytes; 0: none
  std::uint64_t memory_swap = 0;  ///< memory and swap together
  std::uint64_t memory_low = 0;   ///< a reservation
  std::uint64_t cpu_millis = 0;   ///< thousandths of a processor
  std::uint64_t cpu_shares = 0;
  std::string cpuset;
  std::int64_t pids = 0;
  Place where;
};

struct Restart {
  enum class When { no, always, on_failure } when = When::no;
  unsigned most = 0;  ///< attempts; 0: without end
};

struct Service {
  std::string name;
  Place where;
  std::string image;
  std::optional<Build> build;
  std::optional<std::vector<std::string>> entrypoint;  ///< instead of the image's, and of its command
  std::optional<std::vector<std::string>> command;
  std::vector<std::pair<std::string, std::string>> environment;
  std::map<std::string, std::string> labels;
  std::string user;
  std::vector<std::string> groups;
  std::string working_dir;
  std::string hostname;
  std::string container_name;
  std::map<std::string, std::set<std::string>> networks;  ///< of the project; its aliases there
  std::string network_mode;                               ///< "", "none", "service:NAME"
  Place network_where;
  std::map<std::string, std::set<std::string>> links;  ///< service → names for it
  std::vector<std::pair<std::string, std::string>> extra_hosts;
  std::vector<std::string> dns;
  std::vector<std::string> dns_search;
  std::vector<std::string> dns_options;
  std::vector<Port> ports;
  std::vector<Mount> mounts;
  std::vector<File> files;
  std::map<std::string, Dependency> depends_on;
  std::optional<Health> health;
  std::map<std::string, Ulimit> ulimits;
  std::map<std::string, std::string> sysctls;
  std::vector<Device> devices;
  std::vector<std::string> cap_add;
  std::vector<std::string> cap_drop;
  std::vector<std::string> security_opt;
  bool privileged = false;
  bool read_only = false;
  bool init = false;
  std::uint64_t shm_size = 0;
  Limits limits;
  std::optional<int> oom_score_adj;
  std::string stop_signal;
  std::chrono::milliseconds stop_grace{10000};
  Restart restart;
  std::vector<std::string> profiles;
  std::string digest;  ///< of all that its container is made from
};

/// A volume by name. `exact`: others may know it by that name; else it is the project's own.
struct Volume {
  std::string name;
  bool exact = false;
};

struct Project {
  std::string name;
  std::vector<Service> services;  ///< in the order in which they can be started
  std::map<std::string, Volume> volumes;
  std::set<std::string> profiles;  ///< active ones: COMPOSE_PROFILES of the environment or of .env
  [[nodiscard]] const Service* find(std::string_view name) const;
};

struct Warning {
  Place where;
  std::string message;
  std::string hint;
};

struct Inputs {
  std::vector<std::string> files;  ///< absolute; a later one stands on the earlier ones
  std::string local_folder;        ///< what messages name files from
  std::string repository;          ///< nothing outside of it is read
  std::function<Result<std::optional<std::string>>(const std::string& path)> read;  ///< nullopt: none there
  std::function<std::optional<std::string>(const std::string& name)> environment;
  bool allow_unknown = false;  ///< what is unknown or not supported is a warning instead of an error
};
struct Loaded {
  Project project;
  std::vector<Warning> warnings;
};
Result<Loaded> load(const Inputs& inputs);

/// Where devcontainer.json names an empty list: COMPOSE_FILE of the environment or of .env in `folder`, else
/// the usual names. Only `read` and `environment` of `inputs` are asked.
Result<std::vector<std::string>> default_files(const std::string& folder, const Inputs& inputs);

/// The services to run, in order: those of `wanted` (none: all without profiles or with an active one),
/// `main`, and all that these need.
Result<std::vector<std::string>> chosen(const Project& project, const std::string& main,
                                        const std::vector<std::string>& wanted);

}  // namespace photon::compose

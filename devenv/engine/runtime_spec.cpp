#include "devenv/engine/runtime_spec.hpp"

#include <array>

namespace photon::engine {
namespace {

/// What a container's root may do unless asked otherwise (the set that every image expects).
constexpr std::array usual = {"CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FSETID",           "CAP_FOWNER",
                              "CAP_MKNOD",   "CAP_NET_RAW",      "CAP_SETGID",           "CAP_SETUID",
                              "CAP_SETFCAP", "CAP_SETPCAP",      "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT",
                              "CAP_KILL",    "CAP_AUDIT_WRITE"};
constexpr std::array masked = {"/proc/acpi",        "/proc/asound",  "/proc/interrupts",
                               "/proc/kcore",       "/proc/keys",    "/proc/latency_stats",
                               "/proc/sched_debug", "/proc/scsi",    "/proc/timer_list",
                               "/proc/timer_stats", "/sys/firmware", "/sys/devices/virtual/powercap"};
constexpr std::array read_only = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};

struct Security {
  bool seccomp = true;
  bool no_new_privileges = false;
  std::string apparmor;
};

template <class Range>
json::array texts(const Range& range) {
  json::array out;
  for (const auto& item : range) out.emplace_back(std::string_view(item));
  return out;
}

/// Docker's words, with '=' or the older ':' between key and value.
Result<Security> security(const ContainerSpec& spec) {
  Security out;
  out.seccomp = !spec.privileged;
  for (const std::string& option : spec.security_opt) {
    const auto at = option.find_first_of("=:");
    const std::string key = option.substr(0, at);
    const std::string value = at == std::string::npos ? "" : option.substr(at + 1);
    if (key == "no-new-privileges" && (value.empty() || value == "true" || value == "false"))
      out.no_new_privileges = value != "false";
    else if (key == "seccomp" && value == "unconfined")
      out.seccomp = false;
    else if (key == "apparmor" && !value.empty())
      out.apparmor = value == "unconfined" ? "" : value;
    else if (key != "label")  // SELinux: this engine sets no labels at all
      return fail(Kind::usage, "engine.security",
                  fmt::format("the security option \"{}\" is not known here", option),
                  "seccomp=unconfined, apparmor=PROFILE and no-new-privileges are");
  }
  return out;
}

std::string capability(std::string name) {
  for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name.starts_with("CAP_") ? name : "CAP_" + name;
}

Result<std::vector<std::string>> capabilities(const ContainerSpec& spec, const Machine& machine) {
  if (spec.privileged) return machine.held;
  std::set<std::string> wanted(usual.begin(), usual.end());
  for (const std::string& one : spec.cap_add) {
    const auto name = capability(one);
    if (name == "CAP_ALL") {
      wanted.insert(machine.held.begin(), machine.held.end());
      continue;
    }
    if (std::find(machine.held.begin(), machine.held.end(), name) == machine.held.end())
      return fail(Kind::usage, "engine.capability",
                  fmt::format("the capability {} is not to be had here", name), "take it out of capAdd");
    wanted.insert(name);
  }
  std::vector<std::string> out;
  for (const std::string& name : machine.held)
    if (wanted.contains(name)) out.push_back(name);
  return out;
}

json::object user_of(const ProcessSpec& process) {
  json::object user{{"uid", process.uid}, {"gid", process.gid}};
  if (!process.groups.empty())
    user["additionalGids"] = json::array(process.groups.begin(), process.groups.end());
  return user;
}

/// Only root starts with what the set allows; others get it by set-uid programs (bounding set).
json::object sets_of(const json::array& allowed, std::uint32_t uid) {
  const json::array active = uid == 0 ? allowed : json::array{};
  return {{"bounding", allowed}, {"effective", active}, {"permitted", active}};
}

void describe(json::object& out, const ProcessSpec& process) {
  out["terminal"] = process.terminal;
  out["user"] = user_of(process);
  out["args"] = texts(process.argv);
  out["env"] = texts(process.env);
  out["cwd"] = process.cwd;
}

// What is mounted inside a bound folder must not appear in the machine's own, where deleting the environment
// would then reach through it. crun 1.21 keeps the propagation of the source where none is asked for.
bool says_propagation(const std::vector<std::string>& options) {
  return std::any_of(options.begin(), options.end(), [](const std::string& option) {
    return option.ends_with("private") || option.ends_with("slave") || option.ends_with("shared") ||
           option.ends_with("unbindable");
  });
}

json::object mount(const Mount& from) {
  auto options = from.options;
  if (from.type == "bind" && !says_propagation(options)) options.emplace_back("rprivate");
  return {{"destination", from.target},
          {"type", from.type},
          {"source", from.source},
          {"options", texts(options)}};
}

json::array mounts(const ContainerSpec& spec, const Machine& machine) {
  const bool user = machine.user_namespace;
  const std::string access = spec.privileged ? "rw" : "ro";
  std::vector<Mount> all = {
      {"proc", "proc", "/proc", {"nosuid", "noexec", "nodev"}},
      {"tmpfs", "tmpfs", "/dev", {"nosuid", "strictatime", "mode=755", "size=65536k"}},
      {"devpts",
       "devpts",
       "/dev/pts",
       {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
      {"tmpfs", "shm", "/dev/shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=67108864"}},
      {"mqueue", "mqueue", "/dev/mqueue", {"nosuid", "noexec", "nodev"}},
  };
  if (user) {
    // The kernel lets a user namespace mount sysfs only where nothing covers the machine's own: bind that.
    all.push_back({"bind", "/sys", "/sys", {"rbind", "nosuid", "noexec", "nodev", "ro"}});
  } else {
    all.push_back({"sysfs", "sysfs", "/sys", {"nosuid", "noexec", "nodev", access}});
    all.push_back({"cgroup", "cgroup", "/sys/fs/cgroup", {"nosuid", "noexec", "nodev", "relatime", access}});
  }
  json::array out;
  auto replaced = [&](const Mount& one) {
    return std::any_of(spec.mounts.begin(), spec.mounts.end(),
                       [&](const Mount& m) { return m.target == one.target; });
  };
  for (const Mount& one : all)
    if (!replaced(one)) out.push_back(mount(one));
  for (const Mount& one : spec.mounts) out.push_back(mount(one));
  // No node can be made there: the machine's own is shown.
  for (const UsedDevice& one : user ? spec.devices : std::vector<UsedDevice>())
    out.push_back(mount({"bind", one.source, one.target, {"bind", "rw", "nosuid", "noexec"}}));
  return out;
}

json::array namespaces(const ContainerSpec& spec, const Machine& machine) {
  json::array out;
  for (const char* type : {"pid", "ipc", "uts", "mount"}) out.push_back(json::object{{"type", type}});
  if (machine.unified_cgroups && !machine.user_namespace) out.push_back(json::object{{"type", "cgroup"}});
  json::object network{{"type", "network"}};
  if (!spec.network_namespace.empty()) network["path"] = spec.network_namespace;
  out.push_back(std::move(network));
  return out;
}

json::object allow(std::string_view type, std::optional<int> major, std::optional<int> minor,
                   std::string_view access) {
  json::object rule{{"allow", true}, {"type", type}, {"access", access}};
  if (major) rule["major"] = *major;
  if (minor) rule["minor"] = *minor;
  return rule;
}

json::array device_rules(bool privileged) {
  if (privileged) return {json::object{{"allow", true}, {"access", "rwm"}}};
  json::array rules{json::object{{"allow", false}, {"access", "rwm"}}};
  rules.push_back(allow("c", {}, {}, "m"));  // to make a node is harmless as long as it cannot be opened
  rules.push_back(allow("b", {}, {}, "m"));
  for (int minor : {3, 5, 7, 8, 9})
    rules.push_back(allow("c", 1, minor, "rwm"));                            // null zero full random urandom
  for (int minor : {0, 1, 2}) rules.push_back(allow("c", 5, minor, "rwm"));  // tty console ptmx
  rules.push_back(allow("c", 136, {}, "rwm"));                               // pts
  return rules;
}

json::array rules_of(const ContainerSpec& spec) {
  auto rules = device_rules(spec.privileged);
  for (const UsedDevice& one : spec.devices)
    rules.push_back(allow(std::string_view(&one.type, 1), static_cast<int>(one.major),
                          static_cast<int>(one.minor), one.access));
  return rules;
}

json::object resources(const ContainerSpec& spec) {
  json::object out{{"devices", rules_of(spec)}};
  const Resources& wanted = spec.resources;
  json::object memory;
  if (wanted.memory != 0) memory["limit"] = wanted.memory;
  if (wanted.memory_swap != 0) memory["swap"] = wanted.memory_swap;
  if (wanted.memory_low != 0) memory["reservation"] = wanted.memory_low;
  if (!memory.empty()) out["memory"] = std::move(memory);
  json::object cpu;
  constexpr std::uint64_t period = 100'000;
  if (wanted.cpu_millis != 0) {
    cpu["quota"] = wanted.cpu_millis * period / 1000;
    cpu["period"] = period;
  }
  if (wanted.cpu_shares != 0) cpu["shares"] = wanted.cpu_shares;
  if (!wanted.cpuset.empty()) cpu["cpus"] = wanted.cpuset;
  if (!cpu.empty()) out["cpu"] = std::move(cpu);
  if (wanted.pids != 0) out["pids"] = json::object{{"limit", wanted.pids}};
  return out;
}

json::array device_nodes(const std::vector<Device>& devices) {
  json::array out;
  for (const Device& one : devices)
    out.push_back(json::object{{"path", one.path},
                               {"type", std::string(1, one.type)},
                               {"major", one.major},
                               {"minor", one.minor},
                               {"fileMode", one.mode},
                               {"uid", one.uid},
                               {"gid", one.gid}});
  return out;
}

json::object linux_part(const ContainerSpec& spec, const Machine& machine, const Security& safe,
                        const std::vector<std::string>& held) {
  json::object out{{"namespaces", namespaces(spec, machine)}};
  if (!machine.user_namespace) {
    out["resources"] = resources(spec);
    if (!machine.cgroup_parent.empty()) out["cgroupsPath"] = machine.cgroup_parent + "/" + spec.id;
    auto nodes = spec.privileged ? machine.devices : std::vector<Device>();
    for (const UsedDevice& one : spec.devices)
      nodes.push_back({one.target, one.type, one.major, one.minor, one.mode, 0, 0});
    if (!nodes.empty()) out["devices"] = device_nodes(nodes);
  }
  if (!spec.privileged) {
    out["maskedPaths"] = texts(masked);
    out["readonlyPaths"] = texts(read_only);
  }
  if (!spec.sysctls.empty()) {
    json::object settings;
    for (const auto& [name, value] : spec.sysctls) settings[name] = value;
    out["sysctl"] = std::move(settings);
  }
  if (safe.seccomp) out["seccomp"] = seccomp_profile(held);
  return out;
}

}  // namespace

Result<json::value> runtime_spec(const ContainerSpec& spec, const Machine& machine) {
  PHOTON_TRY(const Security safe, security(spec));
  PHOTON_TRY(const std::vector<std::string> held, capabilities(spec, machine));
  const json::array allowed = texts(held);
  json::object process;
  describe(process, spec.process);
  process["capabilities"] = sets_of(allowed, spec.process.uid);
  process["noNewPrivileges"] = safe.no_new_privileges;
  if (!safe.apparmor.empty()) process["apparmorProfile"] = safe.apparmor;
  if (spec.oom_score_adj != 0) process["oomScoreAdj"] = spec.oom_score_adj;
  json::array limits;
  for (const Rlimit& one : spec.rlimits)
    limits.push_back({{"type", "RLIMIT_" + one.name}, {"soft", one.soft}, {"hard", one.hard}});
  if (!limits.empty()) process["rlimits"] = std::move(limits);
  json::object out{{"ociVersion", "1.0.2"},
                   {"process", std::move(process)},
                   {"root", json::object{{"path", "rootfs"}, {"readonly", spec.read_only}}},
                   {"mounts", mounts(spec, machine)},
                   {"linux", linux_part(spec, machine, safe, held)}};
  if (!spec.hostname.empty()) out["hostname"] = spec.hostname;
  return json::value(std::move(out));
}

Result<json::value> exec_process(const json::value& container_spec, const ProcessSpec& process) {
  const json::value* of_container = member(container_spec, "process");
  if (!of_container || !of_container->is_object())
    return fail(Kind::corrupt, "engine.spec", "the container's record holds no process",
                "rebuild the environment");
  json::object out = of_container->as_object();
  describe(out, process);
  if (const json::value* sets = member(*of_container, "capabilities")) {
    const json::value* bounding = member(*sets, "bounding");
    if (bounding && bounding->is_array()) out["capabilities"] = sets_of(bounding->as_array(), process.uid);
  }
  return json::value(std::move(out));
}

}  // namespace photon::engine

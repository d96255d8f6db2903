// What the machine allows: read once when the engine opens.
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <sys/prctl.h>
#include <unistd.h>
#include <array>

#include "devenv/engine/runtime_spec.hpp"

namespace photon::engine {
namespace {

constexpr std::array names = {"CHOWN",
                              "DAC_OVERRIDE",
                              "DAC_READ_SEARCH",
                              "FOWNER",
                              "FSETID",
                              "KILL",
                              "SETGID",
                              "SETUID",
                              "SETPCAP",
                              "LINUX_IMMUTABLE",
                              "NET_BIND_SERVICE",
                              "NET_BROADCAST",
                              "NET_ADMIN",
                              "NET_RAW",
                              "IPC_LOCK",
                              "IPC_OWNER",
                              "SYS_MODULE",
                              "SYS_RAWIO",
                              "SYS_CHROOT",
                              "SYS_PTRACE",
                              "SYS_PACCT",
                              "SYS_ADMIN",
                              "SYS_BOOT",
                              "SYS_NICE",
                              "SYS_RESOURCE",
                              "SYS_TIME",
                              "SYS_TTY_CONFIG",
                              "MKNOD",
                              "LEASE",
                              "AUDIT_WRITE",
                              "AUDIT_CONTROL",
                              "SETFCAP",
                              "MAC_OVERRIDE",
                              "MAC_ADMIN",
                              "SYSLOG",
                              "WAKE_ALARM",
                              "BLOCK_SUSPEND",
                              "AUDIT_READ",
                              "PERFMON",
                              "BPF",
                              "CHECKPOINT_RESTORE"};

/// A runtime refuses to give what it does not have itself: some machines hold less than all.
std::vector<std::string> bounding_set() {
  std::vector<std::string> held;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (::prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1) held.push_back(std::string("CAP_") + names[i]);
  return held;
}

/// Those that every container has of its own.
bool own_of_container(const std::filesystem::path& path) {
  static const std::set<std::string> own = {"/dev/pts",  "/dev/shm",    "/dev/mqueue",  "/dev/console",
                                            "/dev/fd",   "/dev/ptmx",   "/dev/null",    "/dev/zero",
                                            "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"};
  return own.contains(path.string());
}

void add_devices(const std::filesystem::path& folder, int depth, std::vector<Device>& found) {
  std::error_code ignored;
  for (std::filesystem::directory_iterator at(folder, ignored), end; at != end; at.increment(ignored)) {
    if (ignored) return;
    struct stat info{};
    if (own_of_container(at->path()) || ::lstat(at->path().c_str(), &info) != 0) continue;
    if (S_ISDIR(info.st_mode) && depth > 0) add_devices(at->path(), depth - 1, found);
    if (!S_ISCHR(info.st_mode) && !S_ISBLK(info.st_mode)) continue;
    found.push_back({at->path().string(), S_ISBLK(info.st_mode) ? 'b' : 'c', ::major(info.st_rdev),
                     ::minor(info.st_rdev), info.st_mode & 07777, info.st_uid, info.st_gid});
  }
}

}  // namespace

std::optional<int> capability_number(std::string_view name) {
  std::string word(name);
  for (char& c : word) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (word.starts_with("CAP_")) word.erase(0, 4);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (word == names[i]) return static_cast<int>(i);
  return std::nullopt;
}

int capability_count() { return static_cast<int>(names.size()); }

Machine this_machine(bool user_namespace, std::string cgroup_parent) {
  Machine machine;
  machine.user_namespace = user_namespace;
  machine.unified_cgroups = ::access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0;
  machine.cgroup_parent = std::move(cgroup_parent);
  machine.held = bounding_set();
  if (!user_namespace) add_devices("/dev", 3, machine.devices);
  return machine;
}

}  // namespace photon::engine

// What `devenv doctor` can say without a running engine. Every check looks and changes nothing.
#include <linux/magic.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "devenv/core/process.hpp"
#include "devenv/host/host.hpp"

namespace photon::host {
namespace {

using Check = Host::Check;
using Level = Check::Level;
constexpr std::uint64_t gigabyte = 1'000'000'000;
constexpr std::uint64_t too_little = gigabyte;
constexpr std::uint64_t little = 5 * gigabyte;

/// The first line that a program says of its version, "" if there is no such program.
std::string version_line(const std::string& program) {
  if (!find_program(program)) return {};
  auto output = run({.argv = {program, "--version"}}, {}, std::chrono::seconds(10));
  if (!output || output->status != 0) return program;
  return output->out.substr(0, output->out.find('\n'));
}

std::string word(const std::string& line, int number) {
  std::size_t at = 0;
  for (; number > 0 && at != std::string::npos; --number) at = line.find(' ', at + 1);
  if (at == std::string::npos) return {};
  at = line.find_first_not_of(' ', at);
  return at == std::string::npos ? "" : line.substr(at, line.find(' ', at) - at);
}

Check engine() {
  // "containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u1"
  auto line = version_line("containerd");
  if (line.empty())
    return {Level::fail, "engine", "containerd is not installed", "sudo apt install containerd crun"};
  return {Level::ok, "engine", fmt::format("containerd {}", word(line, 2))};
}

Check runtime() {
  for (const char* name : {"crun", "runc"})
    // "crun version 1.8.1"
    if (auto line = version_line(name); !line.empty())
      return {Level::ok, "runtime", fmt::format("{} {}", name, word(line, 2))};
  return {Level::fail, "runtime", "neither crun nor runc is installed", "sudo apt install crun"};
}

void add_namespaces(std::vector<Check>& checks) {
  if (::geteuid() == 0) return;
  auto problems = namespaces::problems();
  for (const auto& problem : problems)
    checks.push_back({Level::fail, "namespaces", sentence(problem), problem.hint});
  if (problems.empty())
    checks.push_back({Level::ok, "namespaces", "user namespaces, with subordinate ids of your own"});
}

void add_uplink(std::vector<Check>& checks) {
  if (::geteuid() == 0) return;  // NAT needs no program; the running daemon says whether it works
  auto usable = network::uplink_usable();
  if (usable)
    checks.push_back({Level::ok, "network", "pasta or slirp4netns, and /dev/net/tun"});
  else
    checks.push_back({Level::warn, "network",
                      fmt::format("environments will not reach the network: {}", sentence(usable.error())),
                      usable.error().hint});
}

/// Our own control group of version 2: "0::/user.slice/…".
std::string own_group() {
  auto text = read_file("/proc/self/cgroup", 64 << 10).value_or("");
  auto at = text.find("0::");
  return at == std::string::npos ? "" : "/sys/fs/cgroup" + text.substr(at + 3, text.find('\n', at) - at - 3);
}

Check groups() {
  struct statfs found{};
  if (::statfs("/sys/fs/cgroup", &found) < 0 ||
      (found.f_type != CGROUP2_SUPER_MAGIC && found.f_type != TMPFS_MAGIC))
    return {Level::warn, "cgroups", "no control groups: nothing limits memory and processes",
            "mount cgroup2 on /sys/fs/cgroup"};
  if (found.f_type != CGROUP2_SUPER_MAGIC) return {Level::ok, "cgroups", "control groups, version 1"};
  if (::geteuid() == 0 || ::access(own_group().c_str(), W_OK) == 0)
    return {Level::ok, "cgroups", "control groups, version 2"};
  return {Level::ok, "cgroups", "control groups, version 2, not delegated: no limits for environments"};
}

Check disk(const Paths& paths) {
  std::filesystem::path folder = paths.data;
  std::error_code error;
  while (!std::filesystem::exists(folder, error) && folder != folder.parent_path())
    folder = folder.parent_path();
  struct statvfs found{};
  if (::statvfs(folder.c_str(), &found) < 0)
    return {Level::fail, "disk", fail_errno("look at " + folder.string(), errno).value().message};
  auto free = std::uint64_t{found.f_bavail} * found.f_frsize;
  auto text = fmt::format("{:.1f} GB free in {}", static_cast<double>(free) / gigabyte, paths.data);
  if (free >= little) return {Level::ok, "disk", std::move(text)};
  return {free < too_little ? Level::fail : Level::warn, "disk", "only " + text,
          "devenv image gc frees what nothing uses"};
}

}  // namespace

std::vector<Check> resource_checks(const Paths& paths) { return {groups(), disk(paths)}; }

std::vector<Check> machine_checks(const Paths& paths) {
  std::vector<Check> checks{engine(), runtime()};
  add_namespaces(checks);
  add_uplink(checks);
  for (auto& check : resource_checks(paths)) checks.push_back(std::move(check));
  return checks;
}

}  // namespace photon::host

#include "packages/rpm/user_namespace.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>

#include "devenv/core/fd.hpp"
#include "devenv/core/mounts.hpp"
#include "devenv/core/process.hpp"
#include "packages/rpm/transaction_child.hpp"

namespace photon::rpm {
namespace {

bool wanted(const TransactionOptions& options) { return options.user_namespace && ::geteuid() != 0; }

// Of this process, which runs one transaction and ends.
bool own_mounts = false;

struct Range {
  std::string first, count;
};

/// The first line of /etc/subuid or /etc/subgid that is the user's, by name or number.
Result<Range> range_of(const std::string& file) {
  PHOTON_TRY(auto text, read_file(file, 1 << 20));
  const auto* user = ::getpwuid(::getuid());
  std::string name = user ? user->pw_name : "", number = std::to_string(::getuid());
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find('\n', at), text.size());
    auto line = text.substr(at, end - at);
    at = end + 1;
    auto first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos || (line.substr(0, first) != name && line.substr(0, first) != number))
      continue;
    return Range{line.substr(first + 1, second - first - 1), line.substr(second + 1)};
  }
  return fail(
      Kind::denied, "rpm.subordinate",
      fmt::format("{} has no line for {}", file, name.empty() ? number : name),
      fmt::format("as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {}", name));
}

Result<void> write_map(const std::string& program, pid_t pid, unsigned id, const std::string& file) {
  PHOTON_TRY(auto range, range_of(file));
  PHOTON_TRY(auto output, photon::run({.argv = {program, std::to_string(pid), "0", std::to_string(id), "1",
                                                "1", range.first, range.count}}));
  if (output.status != 0)
    return fail(Kind::denied, "rpm.subordinate",
                fmt::format("{} refuses: {}", program, output.err.substr(0, output.err.find('\n'))),
                "install the package uidmap");
  return {};
}

void bind_node(const std::string& root, const char* name) {
  auto to = fmt::format("{}/dev/{}", root, name), from = fmt::format("/dev/{}", name);
  Fd made(::open(to.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0666));
  ::mount(from.c_str(), to.c_str(), nullptr, MS_BIND, nullptr);
}

}  // namespace

Result<void> enter_namespaces(const TransactionOptions& options, int report, int go) {
  if (!wanted(options)) {
    // Not to be allowed to have mounts of one's own costs scriptlets their /dev, no more.
    own_mounts = options.root != "/" && ::unshare(CLONE_NEWNS) == 0 && part_mounts(MS_PRIVATE) == 0;
    return {};
  }
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
    return fail(Kind::denied, "rpm.namespace", "no user namespace can be made here",
                "sysctl kernel.unprivileged_userns_clone=1, or run it as root");
  PHOTON_CHECK(write_all(report, "\n"));
  char byte = 0;
  if (::read(go, &byte, 1) != 1) return cancelled();
  if (::setresgid(0, 0, 0) != 0 || ::setresuid(0, 0, 0) != 0)
    return fail_errno("become root in the namespace", errno);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a change of ids has cleared it
  own_mounts = ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  return {};
}

Result<void> map_child(pid_t pid, const TransactionOptions& options, int report, int go) {
  if (!wanted(options)) return {};
  char byte = 0;
  if (::read(report, &byte, 1) != 1 || byte != '\n') return {};  // it has an error to tell
  PHOTON_CHECK(write_map("newuidmap", pid, ::getuid(), "/etc/subuid"));
  PHOTON_CHECK(write_map("newgidmap", pid, ::getgid(), "/etc/subgid"));
  return write_all(go, "g");
}

void mount_for_scripts(const std::string& root) {
  // With the modes that every system gives them: once something is mounted there, no package can.
  for (auto [folder, mode] : {std::pair("/dev", 0755), std::pair("/proc", 0555)}) {
    auto path = root + folder;
    if (::mkdir(path.c_str(), static_cast<mode_t>(mode)) != 0 && errno != EEXIST) return;
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return;
  }
  if (!own_mounts) return;  // the machine's mounts stay as they are
  if (::mount("dev", (root + "/dev").c_str(), "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755,size=64k") == 0)
    for (const auto* node : {"null", "zero", "full", "random", "urandom"}) bind_node(root, node);
  if (::mount("proc", (root + "/proc").c_str(), "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0)
    ::mount("/proc", (root + "/proc").c_str(), nullptr, MS_BIND | MS_REC, nullptr);
}

}  // namespace photon::rpm

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>

#include "devenv/core/json.hpp"
#include "devenv/core/process.hpp"
#include "devenv/core/undo.hpp"
#include "devenv/engine/namespaces/namespaces.hpp"
#include "devenv/engine/namespaces/parts.hpp"

namespace photon::namespaces {
namespace {

// Held while the holder is looked for and started, so that two daemons cannot start one each.
Result<Fd> lock(const std::string& runtime) {
  PHOTON_CHECK(make_directories(runtime, 0700));
  PHOTON_TRY(Fd fd, open_fd(runtime + "/holder.lock", O_RDWR | O_CREAT));
  while (::flock(fd.get(), LOCK_EX) < 0)
    if (errno != EINTR) return fail_errno("lock the holder of namespaces", errno);
  return fd;
}

Result<std::string> hear(int socket) {
  pollfd waiting{socket, POLLIN, 0};
  int ready = 0;
  while ((ready = ::poll(&waiting, 1, 10'000)) < 0 && errno == EINTR) {
  }
  if (ready <= 0)
    return fail(Kind::unavailable, "namespaces.holder", "the holder of namespaces does not answer");
  PHOTON_TRY(auto message, receive_message(socket));
  if (message.bytes.empty())
    return fail(Kind::failed, "namespaces.holder", "the holder of namespaces ended at its start");
  if (message.bytes[0] != '{') return message.bytes;
  PHOTON_TRY(auto value, parse_json(message.bytes, "the holder's answer"));
  return tl::unexpected<Error>(error_from_json(value));
}

Result<void> introduce(int socket, pid_t pid, const std::vector<Range>& users,
                       const std::vector<Range>& groups) {
  PHOTON_CHECK(hear(socket));
  PHOTON_CHECK(map_ids(pid, users, groups));
  PHOTON_CHECK(send_message(socket, "mapped"));
  PHOTON_CHECK(hear(socket));
  return {};
}

Result<Living> start_holder(const std::string& runtime, const std::vector<std::string>& argv) {
  PHOTON_TRY(auto users, own_ranges(false));
  PHOTON_TRY(auto groups, own_ranges(true));
  PHOTON_TRY(auto sockets, make_socketpair(SOCK_SEQPACKET));
  Command command{.argv = argv};
  command.pass = {{sockets.second.get(), holder_socket}};
  command.new_session = true;
  PHOTON_TRY(Child child, start(command));
  sockets.second.reset();
  if (auto done = introduce(sockets.first.get(), child.pid(), users, groups); !done) {
    // An ended one is reaped by this as well.
    (void)child.signal(SIGKILL);
    (void)child.wait();
    return tl::unexpected<Error>(done.error());
  }
  PHOTON_CHECK(record_holder(runtime, child.pid()));
  return find_holder(runtime);
}

struct Member {
  pid_t pid;
  Fd pidfd;
};

// Opened before it is looked at: what a pidfd names cannot become another process.
std::vector<Member> members_of(const std::string& user_namespace) {
  std::vector<Member> found;
  std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), &::closedir);
  while (dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
    pid_t pid = std::atoi(entry->d_name);
    if (pid <= 1) continue;
    Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (pidfd && namespace_of(pid) == user_namespace) found.push_back({pid, std::move(pidfd)});
  }
  return found;
}

void tell(const Member& member, int number) {
  ::syscall(SYS_pidfd_send_signal, member.pidfd.get(), number, nullptr, 0);
}

// pasta and slirp4netns hold the hub's network namespace open: without us they have nothing left to do.
void end_uplinks(const std::string& user_namespace) {
  for (const auto& member : members_of(user_namespace)) {
    auto name = read_file(fmt::format("/proc/{}/comm", member.pid), 4096);
    // pasta runs as the variant of passt that suits the processor.
    auto starts = [&](const char* word) { return name && name->starts_with(word); };
    if (starts("pasta") || starts("passt") || starts("slirp4netns")) tell(member, SIGTERM);
  }
}

// A holder that was killed leaves a containerd and containers in namespaces that nobody can add to: new
// containers would fail there. Numbers of namespaces are used again, so ours is one where our containerd or a
// shim of its runs.
void end_remains(const std::string& runtime) {
  auto user_namespace = recorded_namespace(runtime);
  if (user_namespace.empty()) return;
  auto members = members_of(user_namespace);
  bool ours = std::any_of(members.begin(), members.end(), [&](const Member& member) {
    auto line = read_file(fmt::format("/proc/{}/cmdline", member.pid)).value_or("");
    return line.find(runtime + "/containerd/") != line.npos;
  });
  if (!ours) return;
  for (const auto& member : members) tell(member, SIGKILL);
  for (const auto& member : members) {
    pollfd ended{member.pidfd.get(), POLLIN, 0};
    ::poll(&ended, 1, 2000);
  }
}

Result<Living> find_or_start(const std::string& runtime, const std::vector<std::string>& argv) {
  PHOTON_TRY(Living living, find_holder(runtime));
  if (living.pidfd) return living;
  end_remains(runtime);
  PHOTON_TRY(living, start_holder(runtime, argv));
  if (!living.pidfd)
    return fail(Kind::failed, "namespaces.holder", "the holder of namespaces ended at its start");
  return living;
}

bool has_ended(const Living& living, int milliseconds) {
  pollfd waiting{living.pidfd.get(), POLLIN, 0};
  return ::poll(&waiting, 1, milliseconds) > 0;
}

Result<void> join(const Living& living) {
  char folder[PATH_MAX];
  bool have_folder = ::getcwd(folder, sizeof folder) != nullptr;
  if (::setns(living.pidfd.get(), CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP) < 0)
    return fail_errno("join the namespaces of the holder", errno, Kind::denied);
  // Group ids of the user outside the map stay with us: what a project's group may read, the daemon may read.
  if (::setresgid(0, 0, 0) < 0 || ::setresuid(0, 0, 0) < 0)
    return fail_errno("become root of our namespace", errno);
  // Joining moved us to the root.
  if (have_folder && ::chdir(folder) < 0 && ::chdir("/") < 0)
    return fail_errno("return to " + std::string(folder), errno);
  return {};
}

Result<void> end(const Living& living) {
  auto send = [&](int number) { ::syscall(SYS_pidfd_send_signal, living.pidfd.get(), number, nullptr, 0); };
  send(SIGTERM);
  if (!has_ended(living, 2000)) {
    send(SIGKILL);
    if (!has_ended(living, 2000))
      return fail(Kind::failed, "namespaces.holder",
                  fmt::format("the holder {} does not end", living.holder.pid));
  }
  // A child of ours if this process had started it.
  ::waitpid(living.holder.pid, nullptr, WNOHANG);
  return {};
}

// Root of a container mostly has not.
Result<void> may_mount() {
  constexpr unsigned cap_sys_admin = 21;
  auto status = read_file("/proc/self/status").value_or("");
  auto at = status.find("CapEff:");
  if (at == status.npos || (std::strtoull(status.c_str() + at + 7, nullptr, 16) >> cap_sys_admin & 1) != 0)
    return {};
  return fail(
      Kind::denied, "namespaces.mount", "root may not mount here: the capability CAP_SYS_ADMIN is missing",
      "where this is a container itself, start it with --privileged, or run devenv as an ordinary user");
}

}  // namespace

Result<Entered> enter(const std::string& runtime, const std::vector<std::string>& holder_argv) {
  Entered entered;
  entered.outer_uid = ::geteuid();
  entered.outer_gid = ::getegid();
  if (entered.outer_uid == 0) {
    PHOTON_CHECK(may_mount());
    return entered;
  }
  PHOTON_TRY(Fd held, lock(runtime));
  PHOTON_TRY(Living living, find_or_start(runtime, holder_argv));
  auto joined = join(living);
  // One that was just killed still has a name in /proc, but no namespaces.
  if (!joined && has_ended(living, 1000)) {
    PHOTON_TRY(living, find_or_start(runtime, holder_argv));
    joined = join(living);
  }
  PHOTON_CHECK(joined);
  entered.user = true;
  entered.holder = living.holder.pid;
  entered.hub_namespace = fmt::format("/proc/{}/ns/net", living.holder.pid);
  return entered;
}

Result<void> leave(const std::string& runtime) {
  if (::access(holder_file(runtime).c_str(), F_OK) < 0) return {};
  PHOTON_TRY(Fd held, lock(runtime));
  PHOTON_TRY(Living living, find_holder(runtime));
  if (living.pidfd) {
    std::string user_namespace = namespace_of(living.holder.pid);
    if (!user_namespace.empty()) end_uplinks(user_namespace);
    PHOTON_CHECK(end(living));
  }
  if (::unlink(holder_file(runtime).c_str()) < 0 && errno != ENOENT)
    return fail_errno("remove the holder's file", errno);
  return {};
}

}  // namespace photon::namespaces

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devenv/core/fd.hpp"
#include "devenv/core/mounts.hpp"
#include "devenv/core/undo.hpp"
#include "devenv/host/parts.hpp"

namespace photon::host {
namespace {

constexpr std::uint32_t all_ids = 65536;

// A permutation of 0…65535 that swaps two ids, as lines for uid_map: nobody is left without an id.
std::string swap_map(std::uint32_t a, std::uint32_t b) {
  if (a > b) std::swap(a, b);
  if (a == b) return fmt::format("0 0 {}\n", std::max(all_ids, a + 1));
  std::string lines;
  auto line = [&](std::uint32_t inside, std::uint32_t outside, std::uint32_t count) {
    if (count > 0) lines += fmt::format("{} {} {}\n", inside, outside, count);
  };
  line(0, 0, a);
  line(a, b, 1);
  line(a + 1, a + 1, b - a - 1);
  line(b, a, 1);
  if (b + 1 < all_ids) line(b + 1, b + 1, all_ids - b - 1);
  return lines;
}

// A user namespace that exists only to carry the map: its one process is gone at once.
Result<Fd> namespace_with(const std::string& uids, const std::string& gids) {
  PHOTON_TRY(auto ready, make_pipe());
  PHOTON_TRY(auto done, make_pipe());
  pid_t pid = ::fork();
  if (pid < 0) return fail_errno("make a user namespace", errno);
  if (pid == 0) {
    // The kernel gives no user namespace in a chroot, but in a mount namespace of our own we can leave that.
    bool made = ::unshare(CLONE_NEWUSER) == 0 ||
                (::unshare(CLONE_NEWNS) == 0 && part_mounts(MS_SLAVE) == 0 && ::unshare(CLONE_NEWUSER) == 0);
    char byte = made ? 'y' : 'n';
    [[maybe_unused]] auto put = ::write(ready.second.get(), &byte, 1);
    done.second.reset();
    [[maybe_unused]] auto got = ::read(done.first.get(), &byte, 1);
    ::_exit(0);
  }
  Finally reap([&] {
    done.second.reset();
    ::waitpid(pid, nullptr, 0);
  });
  ready.second.reset();
  char answer = 'n';
  if (::read(ready.first.get(), &answer, 1) != 1 || answer != 'y')
    return fail(Kind::denied, "host.userns", "user namespaces are switched off on this machine");
  auto put = [&](const char* file, const std::string& text) -> Result<void> {
    PHOTON_TRY(Fd fd, open_fd(fmt::format("/proc/{}/{}", pid, file), O_WRONLY));
    return write_all(fd.get(), text);
  };
  PHOTON_CHECK(put("uid_map", uids));
  PHOTON_CHECK(put("gid_map", gids));
  return open_fd(fmt::format("/proc/{}/ns/user", pid), O_RDONLY);
}

}  // namespace

Result<void> bind_mapped(const std::string& source, const std::string& target, std::uint32_t host_uid,
                         std::uint32_t host_gid, std::uint32_t uid, std::uint32_t gid) {
  PHOTON_CHECK(make_directories(target));
  PHOTON_TRY(Fd map, namespace_with(swap_map(host_uid, uid), swap_map(host_gid, gid)));
  Fd tree(static_cast<int>(::syscall(SYS_open_tree, AT_FDCWD, source.c_str(),
                                     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE)));
  if (!tree) return fail_errno("mount " + source, errno);
  mount_attr change{};
  change.attr_set = MOUNT_ATTR_IDMAP;
  change.userns_fd = static_cast<std::uint64_t>(map.get());
  if (::syscall(SYS_mount_setattr, tree.get(), "", AT_EMPTY_PATH | AT_RECURSIVE, &change, sizeof change) < 0)
    return fail_errno("map the owners of " + source, errno);
  if (::syscall(SYS_move_mount, tree.get(), "", AT_FDCWD, target.c_str(), MOVE_MOUNT_F_EMPTY_PATH) < 0)
    return fail_errno("mount at " + target, errno);
  return {};
}

Result<void> share_mounts(const std::string& folder) {
  PHOTON_CHECK(make_directories(folder));
  PHOTON_TRY(auto mounts, read_file("/proc/self/mountinfo"));
  if (mounts.find(" " + folder + " ") != mounts.npos) return {};
  if (::mount(folder.c_str(), folder.c_str(), nullptr, MS_BIND, nullptr) < 0 ||
      ::mount(nullptr, folder.c_str(), nullptr, MS_SHARED, nullptr) < 0)
    return fail_errno("share the mounts below " + folder, errno);
  return {};
}

}  // namespace photon::host

#include "devenv/core/mounts.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace photon {
namespace {

// /proc is a mount in every chroot that is of use. Made private it carries a copy of the tree that no other
// namespace sees; joining our own namespace leaves the chroot, for that goes to the namespace's root.
bool become_root_of_namespace(int own_namespace) {
  if (::mount(nullptr, "/proc", nullptr, MS_PRIVATE, nullptr) < 0) return false;
  if (::mount("/", "/proc", nullptr, MS_BIND | MS_REC, nullptr) < 0) return false;
  if (::mount(nullptr, "/proc", nullptr, MS_REC | MS_SLAVE, nullptr) < 0) return false;
  int tree = ::open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  bool moved = tree >= 0 && ::setns(own_namespace, CLONE_NEWNS) == 0 && ::fchdir(tree) == 0 &&
               ::syscall(SYS_pivot_root, ".", ".") == 0 && ::umount2(".", MNT_DETACH) == 0 &&
               ::chdir("/") == 0;
  int error = errno;
  if (tree >= 0) ::close(tree);
  errno = error;
  return moved;
}

}  // namespace

int part_mounts(unsigned long propagation) noexcept {
  if (::mount(nullptr, "/", nullptr, MS_REC | propagation, nullptr) == 0) return 0;
  if (errno != EINVAL) return errno;
  char folder[PATH_MAX];
  bool known = ::syscall(SYS_getcwd, folder, sizeof folder) > 0;
  int own_namespace = ::open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
  if (own_namespace < 0) return errno;
  bool moved = become_root_of_namespace(own_namespace);
  int error = errno;
  ::close(own_namespace);
  if (!moved) return error;
  if (::mount(nullptr, "/", nullptr, MS_REC | propagation, nullptr) < 0) return errno;
  // A folder that is gone leaves us at the root.
  if (known && folder[0] == '/' && ::chdir(folder) < 0 && errno != ENOENT) return errno;
  return 0;
}

}  // namespace photon

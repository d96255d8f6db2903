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

// To join the namespace that we are in leaves the chroot, for that goes to the namespace's root. What is
// unmounted there must not be unmounted for others, so all becomes a slave first. /proc carries a copy of the
// chroot's tree, since a mount on top of a tree is not seen by who stands in it.
bool become_root_of_namespace(int chroot, int own_namespace) {
  if (::setns(own_namespace, CLONE_NEWNS) != 0) return false;
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) return false;
  if (::fchdir(chroot) != 0 || ::mount(".", "/proc", nullptr, MS_BIND | MS_REC, nullptr) != 0) return false;
  return ::chdir("/proc") == 0 && ::syscall(SYS_pivot_root, ".", ".") == 0 &&
         ::umount2(".", MNT_DETACH) == 0 && ::chdir("/") == 0;
}

}  // namespace

int part_mounts(unsigned long propagation) noexcept {
  if (::mount(nullptr, "/", nullptr, MS_REC | propagation, nullptr) == 0) return 0;
  if (errno != EINVAL) return errno;
  char folder[PATH_MAX];
  bool known = ::syscall(SYS_getcwd, folder, sizeof folder) > 0;
  int root = ::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  int own_namespace = ::open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
  bool moved = root >= 0 && own_namespace >= 0 && become_root_of_namespace(root, own_namespace);
  int error = errno;
  if (root >= 0) ::close(root);
  if (own_namespace >= 0) ::close(own_namespace);
  if (!moved) return error;
  if (::mount(nullptr, "/", nullptr, MS_REC | propagation, nullptr) < 0) return errno;
  // A folder that is gone leaves us at the root.
  if (known && folder[0] == '/' && ::chdir(folder) < 0 && errno != ENOENT) return errno;
  return 0;
}

}  // namespace photon

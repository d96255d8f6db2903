#include "packages/forge/recipe/jail.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "devenv/core/fd.hpp"
#include "devenv/core/mounts.hpp"

namespace photon::forge {
namespace {

bool put(const char* path, std::string_view text) {
  auto file = open_fd(path, O_WRONLY);
  return file && write_all(file->get(), text);
}

bool read_only_root() {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  struct mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
  // /dev/null must stay a device, so nothing but the writing is taken where that is refused.
  attributes.attr_set &= ~static_cast<__u64>(MOUNT_ATTR_NODEV);
  return ::syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &attributes, sizeof attributes) == 0;
}

/// With them a child could mount what is read-only anew.
bool drop_capabilities() {
  constexpr unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                                 SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
                                 SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
  if (::prctl(PR_SET_SECUREBITS, bits) != 0) return false;
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> none{};
  return ::syscall(SYS_capset, &header, none.data()) == 0;
}

#if defined(__x86_64__)
constexpr __u32 architecture = AUDIT_ARCH_X86_64;
#else
constexpr __u32 architecture = AUDIT_ARCH_AARCH64;
#endif

bool new_namespaces() {
  constexpr int wanted = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC;
  if (::unshare(wanted) == 0) return true;
  // In a chroot the kernel gives no user namespace; root gets out of it by mounts of his own.
  return errno == EPERM && ::geteuid() == 0 && ::unshare(CLONE_NEWNS) == 0 && part_mounts(MS_PRIVATE) == 0 &&
         ::unshare(wanted) == 0;
}

}  // namespace

bool enter_jail() {
  auto user = ::getuid();
  auto group = ::getgid();
  if (!new_namespaces()) return false;
  bool mapped = put("/proc/self/setgroups", "deny") &&
                put("/proc/self/uid_map", fmt::format("{} {} 1", user, user)) &&
                put("/proc/self/gid_map", fmt::format("{} {} 1", group, group));
  return mapped && read_only_root() && drop_capabilities();
}

bool close_doors() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  auto refuse = [](unsigned call) {
    return std::array{sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
                      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES)};
  };
  std::vector<sock_filter> program{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
  };
  for (unsigned call : {SYS_socket, SYS_io_uring_setup, SYS_ptrace, SYS_process_vm_writev, SYS_bpf,
                        SYS_unshare, SYS_mount, SYS_keyctl, SYS_add_key})
    for (const auto& step : refuse(call)) program.push_back(step);
#if defined(__x86_64__)
  // The other table of numbers (x32) has doors of its own.
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS));
#endif
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  sock_fprog filter{.len = static_cast<unsigned short>(program.size()), .filter = program.data()};
  return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

void limit_reading(unsigned seconds) {
  auto set = [](__rlimit_resource_t what, rlim_t most) {
    rlimit limit{most, most};
    rlimit now{};
    if (::getrlimit(what, &now) == 0 && now.rlim_max < most) limit = {now.rlim_max, now.rlim_max};
    ::setrlimit(what, &limit);
  };
  set(RLIMIT_CPU, seconds + 1);
  set(RLIMIT_CORE, 0);
  set(RLIMIT_FSIZE, 16 << 20);
  set(RLIMIT_NOFILE, 256);
#if !defined(__SANITIZE_ADDRESS__)
  set(RLIMIT_AS, rlim_t{2} << 30);
#endif
}

}  // namespace photon::forge

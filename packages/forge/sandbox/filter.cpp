#include <asm/ioctls.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>

#include "packages/forge/sandbox/inside.hpp"

namespace photon::forge {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t machine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t machine = AUDIT_ARCH_AARCH64;
#else
#error "the sandbox knows x86_64 and aarch64"
#endif

// Without rights over the namespaces most of these are refused anyway; the filter makes that two locks.
constexpr unsigned refused[] = {
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_open_tree,
    SYS_move_mount,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_mount_setattr,
    SYS_setns,
    SYS_unshare,
    SYS_bpf,
    SYS_userfaultfd,
    SYS_perf_event_open,
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    SYS_kexec_load,
    SYS_kexec_file_load,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_syslog,
    SYS_quotactl,
    SYS_acct,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
    SYS_open_by_handle_at,
};
// What a program has another way for: glibc falls back from clone3, others from io_uring.
constexpr unsigned absent[] = {SYS_clone3, SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register};

sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
sock_filter answer(int error) {
  return BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error));
}
/// Skips the next `count` instructions unless the loaded word is `value`.
sock_filter unless(std::uint32_t value, std::uint8_t count) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, count);
}
constexpr std::size_t number = offsetof(seccomp_data, nr);
constexpr std::size_t first_argument = offsetof(seccomp_data, args);

}  // namespace

std::vector<sock_filter> make_filter() {
  std::vector<sock_filter> code;
  auto add = [&](sock_filter line) { code.push_back(line); };
  // A second set of numbers (i386, x32) would be a way around the first.
  add(load(offsetof(seccomp_data, arch)));
  add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, machine, 1, 0));
  add(answer(ENOSYS));
  add(load(number));
  add(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000U, 0, 1));
  add(answer(ENOSYS));
  for (unsigned call : refused) {
    add(unless(call, 1));
    add(answer(EPERM));
  }
  for (unsigned call : absent) {
    add(unless(call, 1));
    add(answer(ENOSYS));
  }
  // New namespaces of any kind; the flags of clone are its first argument on both machines.
  constexpr std::uint32_t namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
                                       CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
  add(unless(SYS_clone, 4));
  add(load(first_argument));
  add(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, namespaces, 0, 1));
  add(answer(EPERM));
  add(load(number));
  // A hypervisor's sockets belong to no network namespace.
  add(unless(SYS_socket, 4));
  add(load(first_argument));
  add(unless(AF_VSOCK, 1));
  add(answer(EAFNOSUPPORT));
  add(load(number));
  // Typing into the terminal of `forge shell` would run commands outside.
  add(unless(SYS_ioctl, 6));
  add(load(first_argument + 8));
  add(unless(TIOCSTI, 1));
  add(answer(EPERM));
  add(unless(TIOCLINUX, 1));
  add(answer(EPERM));
  add(load(number));
  add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  return code;
}

}  // namespace photon::forge

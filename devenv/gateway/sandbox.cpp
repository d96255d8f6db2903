#include "devenv/gateway/sandbox.hpp"

#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "devenv/core/fd.hpp"

namespace photon::gateway {
namespace {

constexpr std::uint64_t all_of_the_first_version = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

/// A set of rules that handles every access and allows none.
Result<void> shut_files_off() {
  landlock_ruleset_attr handled{};
  handled.handled_access_fs = all_of_the_first_version;
  Fd rules(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0)));
  if (!rules && (errno == ENOSYS || errno == EOPNOTSUPP)) return {};  // a kernel without Landlock
  if (!rules || ::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0)
    return fail_errno("shut the files off", errno);
  return {};
}

/// Named one by one: what may be done differs by version of libc, what must not does not.
constexpr int refused[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(kill),
    SCMP_SYS(pidfd_open),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(move_mount),
    SCMP_SYS(open_tree),
    SCMP_SYS(fsopen),
    SCMP_SYS(mount_setattr),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(bpf),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(bind),
    SCMP_SYS(listen),
    SCMP_SYS(personality),
    SCMP_SYS(setuid),
    SCMP_SYS(setgid),
    SCMP_SYS(setreuid),
    SCMP_SYS(setregid),
    SCMP_SYS(setresuid),
    SCMP_SYS(setresgid),
};

Result<void> shut_calls_off() {
  struct Filter {
    scmp_filter_ctx context = ::seccomp_init(SCMP_ACT_ALLOW);
    ~Filter() { ::seccomp_release(context); }
  } filter;
  int error = filter.context == nullptr ? -ENOMEM : 0;
  for (int call : refused)
    if (error == 0) error = ::seccomp_rule_add(filter.context, SCMP_ACT_ERRNO(EPERM), call, 0);
  // The journal is a Unix socket.
  if (error == 0)
    error = ::seccomp_rule_add(filter.context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
                               SCMP_A0(SCMP_CMP_NE, AF_UNIX));
  if (error == 0) error = ::seccomp_load(filter.context);
  if (error != 0) return fail_errno("shut the gateway's system calls off", -error);
  return {};
}

}  // namespace

Result<void> enter_sandbox() {
  ::tzset();  // reads a file, and the log would do so later
  PHOTON_CHECK(shut_files_off());
  return shut_calls_off();
}

}  // namespace photon::gateway

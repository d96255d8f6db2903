#include "packages/forge/sandbox/inside.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "devenv/core/mounts.hpp"

namespace photon::forge {
namespace {

constexpr int at_input = 3, at_output = 4, at_go = 5, at_refusal = 6, first_other = 7;
constexpr int max_binds = 64;
const char* const nodes[] = {"null", "zero", "full", "random", "urandom", "tty"};
constexpr int node_count = 6;

[[noreturn]] void refuse(Step step, int error, int which = 0) {
  Refusal refusal{step, error, which};
  (void)!::write(at_refusal, &refusal, sizeof refusal);
  ::_exit(125);
}
void need(bool good, Step step, int which = 0) {
  if (!good) refuse(step, errno, which);
}

/// Keeps the four ends at fixed numbers and nothing else: a copy of another thread's pipe held here would
/// keep its reader waiting.
void keep_ends(const Ends& ends) {
  int given[] = {ends.input, ends.output, ends.go, ends.refusal};
  for (int& fd : given) {
    fd = ::fcntl(fd, F_DUPFD_CLOEXEC, 20);
    if (fd < 0) ::_exit(125);
  }
  for (int at = 0; at < 4; ++at)
    if (::dup3(given[at], at_input + at, O_CLOEXEC) < 0) ::_exit(125);
  (void)::syscall(SYS_close_range, first_other, ~0U, 0);
}

int clone_tree(const char* path) {
  return static_cast<int>(
      ::syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
}
bool attach(int tree, const char* path) {
  bool good = ::syscall(SYS_move_mount, tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) == 0;
  int error = errno;
  ::close(tree);
  errno = error;
  return good;
}
bool restrict_tree(int tree, bool writable) {
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_NOSUID | (writable ? 0ULL : MOUNT_ATTR_RDONLY);
  return ::syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
                   sizeof attributes) == 0;
}

/// All folders above the last name. In the new root, so that a link in a tree leads nowhere else.
void make_parents(const char* path) {
  char buffer[4096];
  std::size_t length = std::strlen(path);
  if (length >= sizeof buffer) return;
  std::memcpy(buffer, path, length + 1);
  for (char* at = buffer + 1; *at; ++at)
    if (*at == '/') {
      *at = 0;
      ::mkdir(buffer, 0755);
      *at = '/';
    }
}

void make_file(const char* path) {
  int fd = ::open(path, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd >= 0) ::close(fd);
}

void enter_root(const Inside& inside) {
  need(::mount("overlay", inside.root.c_str(), "overlay", MS_NOSUID | MS_NODEV, inside.overlay.c_str()) == 0,
       Step::overlay);
  need(::chdir(inside.root.c_str()) == 0 && ::syscall(SYS_pivot_root, ".", ".") == 0, Step::pivot);
}

void close_over(const char* path) {
  // Absent on kernels built without it.
  if (::mount(path, path, nullptr, MS_BIND | MS_REC, nullptr) < 0) {
    if (errno == ENOENT) return;
    refuse(Step::proc, errno);
  }
  need(::mount(nullptr, path, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
               nullptr) == 0,
       Step::proc);
}

void mount_proc() {
  // While the old root is still there: for an ordinary user the kernel wants to see a whole /proc first.
  ::mkdir("/proc", 0555);
  need(::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0, Step::proc);
  for (const char* path : {"/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs",
                           "/proc/scsi", "/proc/acpi", "/proc/mtrr"})
    close_over(path);
}

void mount_devices(const int* trees) {
  ::mkdir("/dev", 0755);
  need(::mount("tmpfs", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=1m") == 0, Step::devices);
  for (int at = 0; at < node_count; ++at) {
    if (trees[at] < 0) continue;
    char path[32] = "/dev/";
    std::strcat(path, nodes[at]);
    make_file(path);
    need(attach(trees[at], path), Step::devices);
  }
  ::mkdir("/dev/pts", 0755);
  ::mkdir("/dev/shm", 01777);
  need(::mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620") ==
           0,
       Step::devices);
  need(::mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") == 0, Step::devices);
  const char* const links[][2] = {{"pts/ptmx", "/dev/ptmx"},
                                  {"/proc/self/fd", "/dev/fd"},
                                  {"/proc/self/fd/0", "/dev/stdin"},
                                  {"/proc/self/fd/1", "/dev/stdout"},
                                  {"/proc/self/fd/2", "/dev/stderr"}};
  for (const auto& link : links) (void)!::symlink(link[0], link[1]);
  need(::mount(nullptr, "/dev", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC, nullptr) ==
           0,
       Step::devices);
}

void make_mounts(const Inside& inside) {
  if (inside.user_namespace)
    need(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, Step::mounts);
  else if (int error = part_mounts(MS_PRIVATE))
    refuse(Step::mounts, error);
  int trees[max_binds], devices[node_count];
  int count = static_cast<int>(inside.binds.size());
  for (int at = 0; at < count; ++at) {
    trees[at] = clone_tree(inside.binds[at].from.c_str());
    need(trees[at] >= 0 && restrict_tree(trees[at], inside.binds[at].writable), Step::bind, at);
  }
  for (int at = 0; at < node_count; ++at) {
    char path[32] = "/dev/";
    std::strcat(path, nodes[at]);
    devices[at] = clone_tree(path);
  }
  enter_root(inside);
  mount_proc();
  mount_devices(devices);
  for (int at = 0; at < count; ++at) {
    const char* to = inside.binds[at].to.c_str();
    make_parents(to);
    if (inside.binds[at].folder)
      ::mkdir(to, 0755);
    else
      make_file(to);
    need(attach(trees[at], to), Step::bind, at);
  }
  need(::umount2(".", MNT_DETACH) == 0 && ::chdir("/") == 0, Step::pivot);
}

bool put(const char* path, const char* text, std::size_t length) {
  int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool good = ::write(fd, text, length) == static_cast<ssize_t>(length);
  int error = errno;
  ::close(fd);
  errno = error;
  return good;
}

void text_of(pid_t pid, char* text) {
  char digits[16];
  int count = 0;
  do digits[count++] = static_cast<char>('0' + pid % 10);
  while ((pid /= 10) > 0);
  while (count > 0) *text++ = digits[--count];
  *text = 0;
}

/// The build's own user namespace: it has no right over the namespaces around it, mounts included.
void map_second(const Inside& inside, pid_t pid) {
  char number[16], path[64];
  text_of(pid, number);
  for (const char* map : {"/uid_map", "/gid_map"}) {
    std::strcpy(path, "/proc/");
    std::strcat(path, number);
    std::strcat(path, map);
    need(put(path, inside.map.data(), inside.map.size()), Step::second_user);
  }
}

void drop_rights() {
  // Those over files and ids that are its own; none over the system.
  constexpr std::uint32_t kept = 1U << CAP_CHOWN | 1U << CAP_DAC_OVERRIDE | 1U << CAP_FOWNER |
                                 1U << CAP_FSETID | 1U << CAP_KILL | 1U << CAP_SETGID | 1U << CAP_SETUID;
  for (unsigned long right = 0; right <= 63; ++right)
    if (right > 31 || !(kept & 1U << right))
      if (::prctl(PR_CAPBSET_DROP, right, 0, 0, 0) < 0 && errno != EINVAL) refuse(Step::rights, errno);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  data[0].permitted = data[0].effective = kept;
  need(::syscall(SYS_capset, &header, data) == 0, Step::rights);
  need(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, Step::rights);
}

void limit(int resource, std::uint64_t most) {
  rlimit now{};
  if (::getrlimit(static_cast<__rlimit_resource_t>(resource), &now) < 0) return;
  if (now.rlim_max < most) most = now.rlim_max;
  rlimit next{most, most};
  need(::setrlimit(static_cast<__rlimit_resource_t>(resource), &next) == 0, Step::limits);
}

void set_limits(const Inside& inside) {
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, 65536);
  if (inside.data_limit) limit(RLIMIT_DATA, inside.data_limit);
  if (inside.process_limit) limit(RLIMIT_NPROC, inside.process_limit);
  rlimit stack{8 << 20, RLIM_INFINITY};
  (void)::setrlimit(RLIMIT_STACK, &stack);
}

[[noreturn]] void be_build(const Inside& inside, int mapped) {
  if (inside.terminal) {
    ::setpgid(0, 0);
    ::signal(SIGTTOU, SIG_IGN);
    ::tcsetpgrp(at_input, ::getpgrp());
    ::signal(SIGTTOU, SIG_DFL);
  } else {
    ::setsid();
  }
  need(::unshare(CLONE_NEWUSER) == 0, Step::second_user);
  char byte = 0;
  (void)!::write(mapped, "u", 1);
  if (::read(mapped, &byte, 1) != 1) ::_exit(125);
  set_limits(inside);
  drop_rights();
  ::umask(022);
  need(::chdir(inside.directory.c_str()) == 0, Step::directory);
  ::dup2(at_input, 0);
  ::dup2(at_output, 1);
  ::dup2(at_output, 2);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number = 1; number < 32; ++number) ::signal(number, SIG_DFL);
  sock_fprog program{static_cast<unsigned short>(inside.filter.size()),
                     const_cast<sock_filter*>(inside.filter.data())};
  need(::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0, Step::filter);
  int error = ENOENT;
  for (const auto& path : inside.programs) {
    ::execve(path.c_str(), inside.argv.data(), inside.environment.data());
    if (errno != ENOENT && errno != ENOTDIR) error = errno;
  }
  refuse(Step::program, error);
}

}  // namespace

void be_first_process(const Inside& inside, Ends ends) {
  keep_ends(ends);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  char byte = 0;
  if (::read(at_go, &byte, 1) != 1) ::_exit(125);
  (void)::unshare(CLONE_NEWCGROUP);
  (void)::syscall(SYS_setgroups, 0, nullptr);
  need(::sethostname("build", 5) == 0 && ::setdomainname("", 0) == 0, Step::host_name);
  make_mounts(inside);
  int mapped[2];
  need(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, mapped) == 0, Step::prepare);
  // Not fork(): its preparations want locks that another thread may have held when we were copied.
  auto build = static_cast<pid_t>(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
  need(build >= 0, Step::prepare);
  if (build == 0) {
    ::close(mapped[0]);
    be_build(inside, mapped[1]);
  }
  ::close(mapped[1]);
  if (::read(mapped[0], &byte, 1) == 1) {
    map_second(inside, build);
    (void)!::write(mapped[0], "m", 1);
  }
  (void)::syscall(SYS_close_range, 0, at_refusal - 1, 0);
  ::close(mapped[0]);
  ::close(at_refusal);
  for (;;) {
    int status = 0;
    pid_t ended = ::waitpid(-1, &status, 0);
    if (ended < 0 && errno == EINTR) continue;
    if (ended < 0) ::_exit(125);
    // Our end is everybody's: the kernel kills the rest before anybody hears of it.
    if (ended == build) ::_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  }
}

const char* words_of(Step step) {
  switch (step) {
    case Step::none:
      return "begin";
    case Step::prepare:
      return "prepare the first process";
    case Step::mounts:
      return "part its mounts from the machine's";
    case Step::overlay:
      return "mount the overlay of the build root";
    case Step::bind:
      return "bind a folder into it";
    case Step::pivot:
      return "change its root";
    case Step::proc:
      return "mount a /proc of its own";
    case Step::devices:
      return "make its /dev";
    case Step::limits:
      return "set its limits";
    case Step::host_name:
      return "set its host name";
    case Step::second_user:
      return "make the build's user namespace";
    case Step::rights:
      return "drop its rights";
    case Step::filter:
      return "set its filter of system calls";
    case Step::directory:
      return "enter its working directory";
    case Step::program:
      return "start its program";
  }
  return "begin";
}

}  // namespace photon::forge

#include "packages/forge/sandbox/sandbox.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <sstream>

#include "devenv/core/fd.hpp"
#include "devenv/core/undo.hpp"
#include "packages/forge/sandbox/cgroup.hpp"
#include "packages/forge/sandbox/inside.hpp"

namespace photon::forge {
namespace {

/// Overlayfs reads ':' and ',' as borders.
std::string escaped(const std::string& path) {
  std::string text;
  for (char c : path) {
    if (c == ':' || c == ',' || c == '\\') text += '\\';
    text += c;
  }
  return text;
}

/// Uid 0 and how many ids from there on are ours to map: all of them, or 1 where we are a mere user.
std::uint32_t own_ids() {
  if (::geteuid() != 0) return 1;
  auto map = read_file("/proc/self/uid_map");
  if (!map) return 1;
  std::istringstream lines(*map);
  for (std::uint64_t inside = 0, outside = 0, count = 0; lines >> inside >> outside >> count;)
    if (inside == 0) return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, 65536));
  return 1;
}

Result<std::string> overlay_options(const SandboxCommand& command, bool ordinary) {
  std::string lower;
  for (const auto& tree : command.trees) {
    if (!lower.empty()) lower += ':';
    lower += escaped(tree);
  }
  std::string options =
      fmt::format("lowerdir={},upperdir={},workdir={},volatile{}", lower, escaped(command.scratch + "/upper"),
                  escaped(command.scratch + "/work"), ordinary ? ",userxattr" : "");
  if (options.size() >= 4096)
    return fail(Kind::usage, "sandbox.layers", "too many trees for one overlay, or too long paths");
  return options;
}

Result<void> make_scratch(const SandboxCommand& command) {
  for (const char* below : {"/root", "/upper", "/work", "/upper/proc", "/upper/dev", "/upper/tmp"})
    PHOTON_CHECK(make_directories(command.scratch + below, 0755));
  if (::chmod((command.scratch + "/upper/tmp").c_str(), 01777) < 0)
    return fail_errno("prepare " + command.scratch, errno);
  return {};
}

std::vector<std::string> candidates(const SandboxCommand& command) {
  const std::string& name = command.argv.front();
  if (name.find('/') != std::string::npos) return {name};
  auto path = command.environment.find("PATH");
  std::istringstream folders(path != command.environment.end() ? path->second
                                                               : "/usr/bin:/usr/sbin:/bin:/sbin");
  std::vector<std::string> found;
  for (std::string folder; std::getline(folders, folder, ':');) found.push_back(folder + "/" + name);
  return found;
}

/// All texts that the child will need; `words` holds the environment's.
Result<Inside> prepare(const SandboxCommand& command, std::vector<std::string>& words, const Cgroup* group) {
  if (command.argv.empty() || command.trees.empty() || command.binds.size() > 64)
    return fail(Kind::internal, "sandbox.command",
                "a sandbox without a program, without a tree or with over 64 binds");
  Inside inside;
  inside.user_namespace = ::geteuid() != 0;
  inside.ids = own_ids();
  inside.map = fmt::format("0 0 {}\n", inside.ids);
  inside.root = command.scratch + "/root";
  PHOTON_TRY(inside.overlay, overlay_options(command, inside.user_namespace));
  for (const auto& bind : command.binds) {
    struct stat about{};
    if (::stat(bind.from.c_str(), &about) < 0) return fail_errno("find " + bind.from, errno);
    inside.binds.push_back({bind.from, bind.to, bind.writable, S_ISDIR(about.st_mode) != 0});
  }
  inside.programs = candidates(command);
  for (const auto& word : command.argv) inside.argv.push_back(const_cast<char*>(word.c_str()));
  inside.argv.push_back(nullptr);
  for (const auto& [name, value] : command.environment) words.push_back(name + "=" + value);
  for (auto& word : words) inside.environment.push_back(word.data());
  inside.environment.push_back(nullptr);
  inside.directory = command.directory;
  inside.data_limit = group && group->limits_memory() ? 0 : command.memory_limit;
  inside.process_limit = group && group->limits_processes() ? 0 : command.process_limit;
  inside.terminal = command.input >= 0 && ::isatty(command.input) == 1;
  inside.filter = make_filter();
  return inside;
}

Result<void> map_ids(pid_t pid) {
  auto put = [&](const char* file, const std::string& text) -> Result<void> {
    PHOTON_TRY(auto fd, open_fd(fmt::format("/proc/{}/{}", pid, file), O_WRONLY));
    return write_all(fd.get(), text);
  };
  PHOTON_CHECK(put("uid_map", fmt::format("0 {} 1\n", ::geteuid())));
  PHOTON_CHECK(put("setgroups", "deny"));
  return put("gid_map", fmt::format("0 {} 1\n", ::getegid()));
}

struct Running {
  pid_t pid = -1;
  Fd pidfd{};
};

Result<Running> start_first(const Inside& inside, const Ends& ends) {
  int pidfd = -1;
  clone_args args{};
  args.flags = CLONE_PIDFD | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET;
  if (inside.user_namespace) args.flags |= CLONE_NEWUSER;
  args.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  auto pid = static_cast<pid_t>(::syscall(SYS_clone3, &args, sizeof args));
  if (pid == 0) be_first_process(inside, ends);
  if (pid > 0) return Running{pid, Fd(pidfd)};
  int error = errno;
  if (inside.user_namespace && (error == EPERM || error == ENOSPC || error == EUSERS))
    return fail(
        Kind::denied, "sandbox.refused", "this machine gives an ordinary user no user namespace",
        "sysctl kernel.unprivileged_userns_clone=1, or user.max_user_namespaces above 0; not in a chroot");
  return fail(error == EPERM ? Kind::denied : Kind::failed, "sandbox.refused",
              fmt::format("cannot make the sandbox's namespaces: {}", std::strerror(error)),
              "a container needs the right to make namespaces (CAP_SYS_ADMIN), or run forge outside of it");
}

Error refusal_error(const Refusal& refusal, const SandboxCommand& command) {
  Kind kind = refusal.error == ENOSPC ? Kind::no_space : Kind::failed;
  std::string about, hint;
  switch (refusal.step) {
    case Step::program:
      about = " " + command.argv.front();
      break;
    case Step::directory:
      about = " " + command.directory;
      break;
    case Step::bind:
      if (refusal.which >= 0 && static_cast<std::size_t>(refusal.which) < command.binds.size())
        about = fmt::format(" ({})", command.binds[refusal.which].from);
      break;
    case Step::overlay:
      about = " at " + command.scratch;
      hint = "its file system must be one that overlayfs can write to: ext4, xfs, btrfs or tmpfs";
      break;
    case Step::proc:
      hint = "in a container with a masked /proc an ordinary user may not mount one: run forge outside of it";
      break;
    default:
      break;
  }
  return {
      kind,
      "sandbox.refused",
      fmt::format("the sandbox cannot {}{}: {}", words_of(refusal.step), about, std::strerror(refusal.error)),
      {},
      hint};
}

void say_without_cgroup(const SandboxCommand& command, const Cgroup* group, const Work& work) {
  static std::atomic<bool> said = false;
  bool all = (!command.memory_limit || (group && group->limits_memory())) &&
             (!command.process_limit || (group && group->limits_processes()));
  if (all || said.exchange(true)) return;
  work.report({.step = "sandbox",
               .subject = "no cgroup may be made here: limits hold for each process, not for all together",
               .detail = {},
               .finished = true});
}

/// Waits for the end; killed when stopped or late.
bool wait_for_end(const Running& running, std::chrono::seconds limit, const Work& work, bool& timed_out) {
  Fd wake(::eventfd(0, EFD_CLOEXEC));
  std::stop_callback on_stop(work.stop, [&] {
    std::uint64_t one = 1;
    (void)!::write(wake.get(), &one, sizeof one);
  });
  using clock = std::chrono::steady_clock;
  auto end = clock::now() + limit;
  for (;;) {
    int left = -1;
    if (limit.count() > 0) {
      auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(end - clock::now()).count();
      left = static_cast<int>(std::clamp<std::int64_t>(rest + 1, 0, 1 << 30));
    }
    pollfd fds[] = {{running.pidfd.get(), POLLIN, 0}, {wake.get(), POLLIN, 0}};
    int ready = ::poll(fds, 2, left);
    if (ready < 0 && errno == EINTR) continue;
    if (fds[0].revents) return false;
    timed_out = ready == 0;
    if (ready == 0 || fds[1].revents) {
      ::syscall(SYS_pidfd_send_signal, running.pidfd.get(), SIGKILL, nullptr, 0);
      return !timed_out;
    }
  }
}

void take_terminal_back(const SandboxCommand& command) {
  sigset_t set, before;
  sigemptyset(&set);
  sigaddset(&set, SIGTTOU);
  pthread_sigmask(SIG_BLOCK, &set, &before);
  ::tcsetpgrp(command.input, ::getpgrp());
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

Result<SandboxEnd> run_in_sandbox(const SandboxCommand& command, const Work& work) {
  if (work.stopped()) return cancelled();
  PHOTON_CHECK(make_scratch(command));
  std::unique_ptr<Cgroup> group;
  if (command.memory_limit || command.process_limit)
    group = Cgroup::make(command.memory_limit, command.process_limit);
  say_without_cgroup(command, group.get(), work);
  std::vector<std::string> words;
  words.reserve(command.environment.size());
  PHOTON_TRY(auto inside, prepare(command, words, group.get()));
  PHOTON_TRY(auto null, open_fd("/dev/null", O_RDWR));
  PHOTON_TRY(auto go, make_pipe());
  PHOTON_TRY(auto refusal, make_pipe());
  Ends ends{command.input >= 0 ? command.input : null.get(),
            command.output >= 0 ? command.output : null.get(), go.first.get(), refusal.second.get()};
  PHOTON_TRY(auto running, start_first(inside, ends));
  refusal.second.reset();
  go.first.reset();
  Result<void> ready = inside.user_namespace ? map_ids(running.pid) : Result<void>();
  if (ready && group && !group->enter(running.pid))
    ready = fail(Kind::failed, "sandbox.refused", "the sandbox cannot enter the cgroup that was made for it");
  if (ready) ready = write_all(go.second.get(), "g");

  bool timed_out = false, stopped = false;
  if (ready) stopped = wait_for_end(running, command.time_limit, work, timed_out);
  go.second.reset();
  int status = 0;
  rusage used{};
  while (::wait4(running.pid, &status, 0, &used) < 0 && errno == EINTR) {
  }
  if (inside.terminal) take_terminal_back(command);
  if (!ready) return within(std::move(ready).error(), "while preparing a sandbox");
  if (stopped) return cancelled();
  Refusal why;
  if (::read(refusal.first.get(), &why, sizeof why) == static_cast<ssize_t>(sizeof why))
    return tl::unexpected(refusal_error(why, command));
  auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return SandboxEnd{.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
                    .timed_out = timed_out,
                    .out_of_memory = group && group->out_of_memory(),
                    .cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime)};
}

}  // namespace photon::forge

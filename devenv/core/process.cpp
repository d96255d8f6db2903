#include "devenv/core/process.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>

#include "devenv/core/mounts.hpp"

namespace photon {
namespace {

int status_of(int raw) { return WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw); }

// Runs in the child between fork and exec: async-signal-safe calls only, nothing allocated.
[[noreturn]] void become(const Command& command, const char* program, char* const* argv, char* const* envp,
                         int report, pid_t parent, const std::array<int, 3>& stdio) {
  auto refuse = [&] {
    int error = errno;
    [[maybe_unused]] auto ignored = ::write(report, &error, sizeof error);
    ::_exit(127);
  };
  if (command.new_session) ::setsid();
  if (command.dies_with_us) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  // What our own parent let us inherit goes no further.
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  // Moved out of the way first, so that no target number overwrites a source that is still needed.
  int lowest = 3;
  for (const auto& [ours, theirs] : command.pass) lowest = std::max(lowest, theirs + 1);
  int sources[16];
  std::size_t count = 0;
  for (int fd : stdio) sources[count++] = ::fcntl(fd, F_DUPFD_CLOEXEC, lowest);
  for (const auto& [ours, theirs] : command.pass)
    if (count < std::size(sources)) sources[count++] = ::fcntl(ours, F_DUPFD_CLOEXEC, lowest);
  int moved = ::fcntl(report, F_DUPFD_CLOEXEC, lowest);
  if (moved >= 0) report = moved;
  for (int target = 0; target < 3; ++target)
    if (::dup2(sources[target], target) < 0) refuse();
  std::size_t at = 3;
  for (const auto& [ours, theirs] : command.pass)
    if (at < count && ::dup2(sources[at++], theirs) < 0) refuse();
  if (command.own_mounts) {
    if (::unshare(CLONE_NEWNS) < 0) refuse();
    if (int failed = part_mounts(MS_PRIVATE); failed != 0) {
      errno = failed;
      refuse();
    }
  }
  if (!command.directory.empty() && ::chdir(command.directory.c_str()) < 0) refuse();
  ::execve(program, argv, envp);
  refuse();
  ::_exit(127);
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (auto& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

std::optional<std::string> find_program(std::string_view name) {
  if (name.find('/') != name.npos) return std::string(name);
  const char* path = std::getenv("PATH");
  std::string folders =
      fmt::format("{}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", path ? path : "");
  for (std::size_t at = 0; at < folders.size();) {
    auto end = std::min(folders.find(':', at), folders.size());
    if (end > at) {
      std::string candidate = fmt::format("{}/{}", folders.substr(at, end - at), name);
      if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    at = end + 1;
  }
  return std::nullopt;
}

Result<Child> start(const Command& command) {
  if (command.argv.empty()) return fail(Kind::internal, "process.empty", "no program named");
  auto program = find_program(command.argv[0]);
  if (!program)
    return fail(Kind::not_found, "process.missing",
                fmt::format("the program {} is not installed", command.argv[0]));
  std::vector<std::string> words = command.argv;
  std::vector<std::string> settings;
  if (command.environment)
    for (const auto& [key, value] : *command.environment)
      settings.push_back(fmt::format("{}={}", key, value));
  auto argv = pointers(words);
  auto envp = pointers(settings);
  PHOTON_TRY(Fd null, open_fd("/dev/null", O_RDWR));
  std::array stdio{command.input, command.output, command.error};
  for (int& fd : stdio)
    if (fd < 0) fd = null.get();
  PHOTON_TRY(auto report, make_pipe());
  pid_t parent = ::getpid();
  pid_t pid = ::fork();
  if (pid < 0) return fail_errno("start " + command.argv[0], errno);
  if (pid == 0)
    become(command, program->c_str(), argv.data(), command.environment ? envp.data() : environ,
           report.second.get(), parent, stdio);
  report.second.reset();
  int error = 0;
  ssize_t got = 0;
  while ((got = ::read(report.first.get(), &error, sizeof error)) < 0 && errno == EINTR) {
  }
  if (got == sizeof error) {
    ::waitpid(pid, nullptr, 0);
    return fail_errno("start " + command.argv[0], error);
  }
  return Child(pid, Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))));
}

Result<std::optional<int>> Child::wait_for(std::chrono::milliseconds limit) {
  pollfd waiting{pidfd_.get(), POLLIN, 0};
  auto until = std::chrono::steady_clock::now() + limit;
  while (true) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    int ready = ::poll(&waiting, 1, static_cast<int>(std::clamp<long long>(left.count(), 0, INT_MAX)));
    if (ready == 0) return std::nullopt;
    if (ready > 0) break;
    if (errno != EINTR) return fail_errno("wait for a process", errno);
  }
  int raw = 0;
  while (::waitpid(pid_, &raw, 0) < 0)
    if (errno != EINTR) return fail_errno("wait for a process", errno);
  return status_of(raw);
}

Result<int> Child::wait(std::stop_token stop) {
  while (true) {
    PHOTON_TRY(auto status, wait_for(std::chrono::milliseconds(stop.stop_possible() ? 50 : 3600'000)));
    if (status) return *status;
    if (stop.stop_requested()) return cancelled();
  }
}

Result<void> Child::signal(int number) {
  if (::syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0) < 0 && errno != ESRCH)
    return fail_errno("signal a process", errno);
  return {};
}

Result<int> Child::stop(std::chrono::milliseconds grace) {
  PHOTON_CHECK(signal(SIGTERM));
  PHOTON_TRY(auto status, wait_for(grace));
  if (status) return *status;
  PHOTON_CHECK(signal(SIGKILL));
  return wait();
}

namespace {

/// A program may end without having read its input; that is no reason for a signal that ends us.
ssize_t write_quietly(int fd, std::string_view bytes) {
  sigset_t pipe;
  sigset_t before;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, &before);
  ssize_t put = ::write(fd, bytes.data(), bytes.size());
  int error = errno;
  if (put < 0 && error == EPIPE && sigismember(&before, SIGPIPE) == 0) {
    timespec none{};
    ::sigtimedwait(&pipe, nullptr, &none);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return put;
}

}  // namespace

Result<Output> run(Command command, std::string_view input, std::chrono::milliseconds limit,
                   std::stop_token stop) {
  PHOTON_TRY(auto in, make_pipe());
  PHOTON_TRY(auto out, make_pipe());
  PHOTON_TRY(auto err, make_pipe());
  command.input = in.first.get();
  command.output = out.second.get();
  command.error = err.second.get();
  PHOTON_TRY(Child child, start(command));
  in.first.reset();
  out.second.reset();
  err.second.reset();
  ::fcntl(in.second.get(), F_SETFL, O_NONBLOCK);
  constexpr std::size_t most = 16 << 20;
  Output result;
  auto until = std::chrono::steady_clock::now() + limit;
  auto give_up = [&](tl::unexpected<Error> why) {
    (void)child.signal(SIGKILL);
    (void)child.wait();
    return why;
  };
  if (input.empty()) in.second.reset();
  while (out.first || err.first) {
    std::array<pollfd, 3> waiting{pollfd{out.first.get(), POLLIN, 0}, pollfd{err.first.get(), POLLIN, 0},
                                  pollfd{in.second.get(), POLLOUT, 0}};
    ::poll(waiting.data(), waiting.size(), 50);
    if (stop.stop_requested()) return give_up(cancelled());
    if (std::chrono::steady_clock::now() > until)
      return give_up(fail(Kind::unavailable, "process.timeout",
                          fmt::format("{} did not end within {} s", command.argv[0], limit.count() / 1000)));
    auto drain = [&](Fd& from, short events, std::string& into) {
      if (events == 0) return;
      std::array<char, 65536> chunk;
      ssize_t got = ::read(from.get(), chunk.data(), chunk.size());
      if (got > 0 && into.size() < most) into.append(chunk.data(), static_cast<std::size_t>(got));
      if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) from.reset();
    };
    drain(out.first, waiting[0].revents, result.out);
    drain(err.first, waiting[1].revents, result.err);
    if (waiting[2].revents != 0 && in.second) {
      ssize_t put = write_quietly(in.second.get(), input);
      if (put > 0) input.remove_prefix(static_cast<std::size_t>(put));
      if ((put < 0 && errno != EAGAIN && errno != EINTR) || input.empty()) in.second.reset();
    }
  }
  auto left =
      std::max(std::chrono::milliseconds(1),
               std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()));
  PHOTON_TRY(auto status, child.wait_for(left));
  if (!status)
    return give_up(fail(Kind::unavailable, "process.timeout",
                        fmt::format("{} did not end within {} s", command.argv[0], limit.count() / 1000)));
  result.status = *status;
  return result;
}

}  // namespace photon

#include "devenv/inside/init/spawn.hpp"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "devenv/inside/init/terminal.hpp"
#include "devenv/inside/init/users.hpp"

namespace photon::inside {
namespace {

constexpr std::string_view default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

bool has(const std::vector<std::string>& env, std::string_view name) {
  for (const auto& item : env)
    if (item.size() > name.size() && item.starts_with(name) && item[name.size()] == '=') return true;
  return false;
}

// Given values win; of two of one name the later one.
std::vector<std::string> environment_of(const ExecRequest& request, const User& user,
                                        const std::string& terminal) {
  std::vector<std::string> env;
  for (std::size_t i = 0; i < request.env.size(); ++i) {
    const auto& item = request.env[i];
    auto equals = item.find('=');
    if (equals == 0 || equals == std::string::npos) continue;
    std::vector<std::string> later(request.env.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                   request.env.end());
    if (!has(later, std::string_view(item).substr(0, equals))) env.push_back(item);
  }
  auto otherwise = [&](std::string_view name, std::string_view value) {
    if (!has(env, name)) env.push_back(fmt::format("{}={}", name, value));
  };
  otherwise("HOME", user.home);
  otherwise("USER", user.name);
  otherwise("LOGNAME", user.name);
  otherwise("SHELL", user.shell);
  otherwise("PATH", default_path);
  if (!terminal.empty()) otherwise("TERM", "xterm");
  if (!terminal.empty() && has(env, "SSH_CONNECTION")) otherwise("SSH_TTY", terminal);
  return env;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> list;
  for (auto& text : strings) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

[[noreturn]] void give_up(int pipe, std::string_view step) {
  StartFault fault{{}, errno};
  step.copy(fault.step, sizeof fault.step - 1);
  [[maybe_unused]] auto put = ::write(pipe, &fault, sizeof fault);
  ::_exit(127);
}

void take_identity(const User& user, int pipe) {
  std::vector<gid_t> groups(user.groups.begin(), user.groups.end());
  // Without mapped ids the kernel forbids setgroups and nobody's groups can be taken; then we have them
  // already.
  bool denied = read_file("/proc/self/setgroups").value_or("allow").starts_with("deny");
  if (!denied && ::setgroups(groups.size(), groups.data()) < 0) give_up(pipe, "take the groups of the user");
  if (::setgid(user.gid) < 0) give_up(pipe, "take the group of the user");
  if (::setuid(user.uid) < 0) give_up(pipe, "become the user");
}

// No program has them again, whatever its file says.
void drop_rights(const std::vector<int>& drop, int pipe) {
  for (int number : drop)
    if (::prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 1 && ::prctl(PR_CAPBSET_DROP, number, 0, 0, 0) < 0)
      give_up(pipe, "drop capabilities");
}

void reset_signals() {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void enter(const std::string& wanted, const std::string& home) {
  if (!wanted.empty() && ::chdir(wanted.c_str()) == 0) return;
  if (::chdir(home.c_str()) == 0) return;
  [[maybe_unused]] int root = ::chdir("/");
}

struct Plan {
  User user;
  std::vector<std::string> argv;
  std::vector<std::string> env;
  std::string cwd;
  bool strict_cwd = false;
  bool give_stdio = false;
  bool terminal = false;
  std::vector<int> drop;
};

[[noreturn]] void become(Plan plan, const int (&stdio)[3], int pipe) {
  reset_signals();
  ::setsid();
  if (plan.terminal && ::ioctl(stdio[0], TIOCSCTTY, 0) < 0) give_up(pipe, "take the terminal");
  for (int i = 0; i < 3; ++i)
    if (::dup2(stdio[i], i) < 0) give_up(pipe, "connect input and output");
  // All of ours close themselves; this is for what an entrypoint's parent may have left open.
  ::syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
  // So that it may open /dev/stdin and /dev/stderr. Where ids are not mapped they are its own already.
  for (int i = 0; plan.give_stdio && i < 3; ++i) [[maybe_unused]]
    int given = ::fchown(i, plan.user.uid, plan.user.gid);
  drop_rights(plan.drop, pipe);
  take_identity(plan.user, pipe);
  ::umask(022);
  if (plan.strict_cwd && ::chdir(plan.cwd.c_str()) < 0) give_up(pipe, "enter the folder");
  enter(plan.cwd, plan.user.home);
  auto argv = pointers(plan.argv);
  auto env = pointers(plan.env);
  environ = env.data();  // execvp looks the program up in this PATH
  ::execvp(argv[0], argv.data());
  give_up(pipe, "run it");
}

}  // namespace

Result<Spawned> spawn(const ExecRequest& request, const std::vector<Fd>& stdio) {
  if (request.argv.empty() || request.argv[0].empty())
    return fail(Kind::usage, "inside.argv", "there is no program to run", "name one");
  if (!request.tty && stdio.size() != 3)
    return fail(Kind::internal, "inside.stdio",
                "three descriptors must come with a process without a terminal");
  PHOTON_TRY(auto user, find_user(request.user));
  for (const auto& group : request.groups) {
    PHOTON_TRY(auto gid, group_of(group));
    user.groups.push_back(gid);
  }
  Terminal terminal;
  if (request.tty) {
    PHOTON_TRY(terminal, open_terminal(*request.tty, user));
  }
  PHOTON_TRY(auto pipe, make_pipe());
  Plan plan{user,
            request.argv,
            environment_of(request, user, terminal.name),
            request.cwd,
            request.strict_cwd,
            request.give_stdio,
            request.tty.has_value(),
            request.drop};
  pid_t pid = ::fork();
  if (pid < 0) return fail_errno("start a process", errno, Kind::unavailable);
  if (pid == 0) {
    int slave = terminal.slave.get();
    if (request.tty) become(std::move(plan), {slave, slave, slave}, pipe.second.get());
    become(std::move(plan), {stdio[0].get(), stdio[1].get(), stdio[2].get()}, pipe.second.get());
  }
  return Spawned{pid, std::move(terminal.master), std::move(pipe.first)};
}

}  // namespace photon::inside

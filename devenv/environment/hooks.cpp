#include "devenv/environment/hooks.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <mutex>
#include <thread>

#include "devenv/core/name.hpp"
#include "devenv/core/process.hpp"

namespace photon::environment {

std::pair<std::uint32_t, std::uint32_t> owner_of(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) < 0) return {0, 0};
  return {found.st_uid, found.st_gid};
}

namespace {

constexpr std::size_t most_kept = 1 << 20;
constexpr std::size_t most_of_line = 4096;       ///< that is reported
constexpr std::uint64_t too_little = 256 << 10;  ///< bytes of a disk that is as good as full

// Collects output and hands it on by lines.
class Lines {
 public:
  explicit Lines(const std::function<void(std::string_view)>& sink) : sink_(sink) {}
  void add(std::string_view bytes) {
    all.append(bytes);
    if (all.size() > 2 * most_kept) all.erase(0, all.size() - most_kept);
    if (!sink_) return;
    rest_.append(bytes);
    for (std::size_t end = 0; (end = rest_.find('\n')) != rest_.npos; rest_.erase(0, end + 1))
      sink_(std::string_view(rest_).substr(0, end));
    if (rest_.size() > 64 * 1024) rest_.clear();
  }
  std::string all;

 private:
  const std::function<void(std::string_view)>& sink_;
  std::string rest_;
};

}  // namespace

Result<Ran> run_inside(const Folders& folders, inside::ExecRequest request, std::chrono::seconds limit,
                       const std::function<void(std::string_view)>& line, std::stop_token stop) {
  // If we are killed, the next `up` runs it again: never beside its first run.
  request.tied = true;
  PHOTON_TRY(auto connection, inside::connect(folders.socket()));
  PHOTON_TRY(auto output, make_pipe());
  PHOTON_TRY(auto null, open_fd("/dev/null", O_RDONLY));
  PHOTON_TRY(auto running, inside::exec(std::move(connection), request,
                                        {null.get(), output.second.get(), output.second.get()}));
  output.second.reset();
  Lines lines(line);
  auto until = std::chrono::steady_clock::now() + limit;
  auto drain = [&](int wait_ms) {
    pollfd ready{output.first.get(), POLLIN, 0};
    if (::poll(&ready, 1, wait_ms) <= 0) return true;
    std::array<char, 32768> chunk;
    ssize_t got = ::read(output.first.get(), chunk.data(), chunk.size());
    if (got <= 0) return got < 0 && errno == EINTR;
    lines.add({chunk.data(), static_cast<std::size_t>(got)});
    return true;
  };
  // The process may leave a background child with our pipe: its own end counts, not that of the pipe.
  bool open = true;
  while (true) {
    pollfd ready[2] = {{running.connection.get(), POLLIN, 0}, {open ? output.first.get() : -1, POLLIN, 0}};
    ::poll(ready, 2, 50);
    if (ready[1].revents != 0) open = drain(0);
    if (ready[0].revents != 0) break;
    bool late = limit.count() > 0 && std::chrono::steady_clock::now() > until;
    if (!stop.stop_requested() && !late) continue;
    (void)inside::signal(running, SIGKILL);
    if (stop.stop_requested()) return cancelled();
    return fail(Kind::failed, "environment.timeout",
                fmt::format("it did not end within {} s", limit.count()));
  }
  PHOTON_TRY(auto ended, inside::wait(running));
  for (pollfd ready{output.first.get(), POLLIN, 0}; open && ::poll(&ready, 1, 0) > 0;) open = drain(0);
  return Ran{ended.status, std::move(lines.all)};
}

namespace {

/// What the configuration sets beats what was given along; secrets beat all.
std::vector<std::string> hook_env(const Record& record, const HookOptions& options) {
  auto env = record.env;
  auto put = [&](std::string_view name, std::string item) {
    std::erase_if(env, [&](const std::string& old) { return old.starts_with(fmt::format("{}=", name)); });
    env.push_back(std::move(item));
  };
  for (const auto& item : options.env) {
    auto name = item.substr(0, item.find('='));
    bool fixed = std::find(record.fixed.begin(), record.fixed.end(), name) != record.fixed.end();
    if (!fixed) put(name, item);
  }
  for (const auto& [name, secret] : options.secrets) put(name, fmt::format("{}={}", name, secret.reveal()));
  return env;
}

/// Line by line, for output comes so.
std::string without_secrets(std::string text, const std::map<std::string, Secret>& secrets) {
  constexpr std::string_view mask = "********";
  for (const auto& [name, secret] : secrets) {
    std::string_view rest = secret.reveal();
    while (!rest.empty()) {
      auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (line.empty()) continue;
      for (std::size_t at = 0; (at = text.find(line, at)) != text.npos; at += mask.size())
        text.replace(at, line.size(), mask);
    }
  }
  return text;
}

// One stage's log, screen line and process, shared by the commands that run at once.
class StageRun {
 public:
  StageRun(const Record& record, std::string_view property, const HookOptions& options,
           const Folders& folders, const Work& work)
      : record_(record), property_(property), options_(options), folders_(folders), work_(work) {
    log_ = Fd(::open(folders.log().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  }

  Result<void> one(const spec::Hook& hook) {
    inside::ExecRequest request;
    request.argv = hook.argv.empty() ? std::vector<std::string>{"/bin/sh", "-c", hook.shell} : hook.argv;
    request.cwd = record_.workspace;
    std::string shown_command = hook.argv.empty() ? hook.shell : fmt::format("{}", fmt::join(hook.argv, " "));
    return one(std::move(request), shown_command);
  }

  Result<void> one(inside::ExecRequest request, const std::string& shown_command) {
    request.env = hook_env(record_, options_);
    request.user = record_.user;
    std::string subject = fmt::format("{}: {}", property_, shown(masked(shown_command), 120));
    work_.report({"hook", subject, "", 0, 0, false});
    write(fmt::format("--- {}\n", subject));
    auto ran = run_inside(
        folders_, request, {},
        [&](std::string_view line) {
          auto text = masked(line);
          write(text + "\n");
          work_.report({"hook", subject, shown(text, most_of_line), 0, 0, false});
        },
        work_.stop);
    if (!ran && (ran.error().kind == Kind::not_found || ran.error().kind == Kind::denied)) {
      // Of a program that is not there; to whoever asks, it is the hook that has failed.
      write(fmt::format("--- {}: {}\n", property_, ran.error().message));
      return fail(Kind::failed, "environment.hook", fmt::format("{}: {}", property_, ran.error().message),
                  fmt::format("mend it, then devenv start {} goes on from here", record_.name));
    }
    if (!ran) return within(std::move(ran.error()), "while running " + property_);
    if (ran->status != 0) {
      write(fmt::format("--- {} exited {}\n", property_, ran->status));
      if (free_space(folders_.data) < too_little)
        return fail(
            Kind::no_space, "environment.hook",
            fmt::format("{} exited {}, and the disk of {} is full", property_, ran->status, folders_.data),
            fmt::format("make space there; devenv start {} goes on from here", record_.name));
      auto tail = masked(ran->output.substr(ran->output.size() > 4000 ? ran->output.size() - 4000 : 0));
      return fail(Kind::failed, "environment.hook", fmt::format("{} exited {}", property_, ran->status),
                  fmt::format("{}devenv logs {} shows all; devenv start {} goes on from here", tail,
                              record_.name, record_.name));
    }
    work_.report({"hook", subject, "", 0, 0, true});
    return {};
  }

 private:
  void write(const std::string& text) {
    std::lock_guard hold(mutex_);
    if (log_) (void)write_all(log_.get(), text);
  }
  [[nodiscard]] std::string masked(std::string_view text) const {
    return without_secrets(std::string(text), options_.secrets);
  }

  const Record& record_;
  std::string property_;
  const HookOptions& options_;
  const Folders& folders_;
  const Work& work_;
  Fd log_;
  std::mutex mutex_;
};

Result<void> at_once(const spec::Hooks& hooks, const std::function<Result<void>(const spec::Hook&)>& one) {
  if (hooks.size() == 1) return one(hooks[0]);
  std::vector<Result<void>> results(hooks.size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < hooks.size(); ++i)
      threads.emplace_back([&, i] { results[i] = one(hooks[i]); });
  }
  for (auto& result : results)
    if (!result) return result;
  return {};
}

}  // namespace

Result<void> run_stage(const Record& record, const spec::Plan& plan, spec::Stage stage,
                       const HookOptions& options, const Folders& folders, const Work& work) {
  auto found = plan.hooks.find(stage);
  if (found == plan.hooks.end()) return {};
  StageRun run(record, spec::property_of(stage), options, folders, work);
  for (const auto& hooks : found->second)
    PHOTON_CHECK(at_once(hooks, [&](const spec::Hook& hook) { return run.one(hook); }));
  return {};
}

namespace {

/// $1 repository, $2 where to, $3 command or nothing; no word of theirs is read as a program.
constexpr const char* dotfiles_script =
    R"(command -v git >/dev/null 2>&1 || { echo "git is not there"; exit 1; }
case $2 in
  "~") target=$HOME ;;
  "~/"*) target=$HOME/${2#"~/"} ;;
  *) target=$2 ;;
esac
[ -e "$target" ] || git clone --depth 1 -- "$1" "$target" || exit
cd "$target" || exit
program=
if [ -n "$3" ]; then
  if [ -f "./$3" ]; then program=./$3
  elif [ -f "$3" ]; then program=$3
  else echo "there is no $3"; exit 126
  fi
else
  for name in install.sh install bootstrap.sh bootstrap script/bootstrap setup.sh setup script/setup; do
    if [ -e "$name" ]; then program=./$name; break; fi
  done
fi
if [ -z "$program" ]; then
  for file in .[!.]* ..?*; do
    if [ -e "$file" ] && [ "$file" != .git ]; then ln -sf "$PWD/$file" "$HOME/"; fi
  done
  exit 0
fi
[ -x "$program" ] || chmod +x "$program"
exec "$program")";

}  // namespace

Result<void> install_dotfiles(const Record& record, const HookOptions& options, const Folders& folders,
                              const Work& work) {
  const auto& dotfiles = options.dotfiles;
  StageRun run(record, "dotfiles", options, folders, work);
  inside::ExecRequest request;
  request.argv = {"/bin/sh",       "-c", dotfiles_script, "dotfiles", dotfiles.repository, dotfiles.target,
                  dotfiles.install};
  request.cwd = record.home;
  return run.one(std::move(request), dotfiles.repository);
}

Result<void> run_initialize(const spec::Plan& plan, const std::string& folder, const Caller& caller,
                            const Folders& folders, const Work& work) {
  auto found = plan.hooks.find(spec::Stage::initialize);
  if (found == plan.hooks.end()) return {};
  Fd log(::open(folders.log().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  for (const auto& hooks : found->second) {
    PHOTON_CHECK(at_once(hooks, [&](const spec::Hook& hook) -> Result<void> {
      std::vector<std::string> argv =
          hook.argv.empty() ? std::vector<std::string>{"/bin/sh", "-c", hook.shell} : hook.argv;
      // The machine's daemon is root: the command is the user's and runs as the user.
      if (::getuid() == 0 && caller.uid != 0)
        argv.insert(argv.begin(), {"setpriv", fmt::format("--reuid={}", caller.uid),
                                   fmt::format("--regid={}", caller.gid), "--clear-groups", "--"});
      work.report({"hook", "initializeCommand", "", 0, 0, false});
      Command command{.argv = argv, .environment = caller.environment, .directory = folder};
      PHOTON_TRY(auto output, run(std::move(command), {}, std::chrono::hours(1), work.stop));
      const std::string said = output.out + output.err;
      if (log) (void)write_all(log.get(), "--- initializeCommand\n" + said);
      std::string_view rest = said;
      for (std::size_t end = 0; !rest.empty(); rest.remove_prefix(std::min(end + 1, rest.size()))) {
        end = std::min(rest.find('\n'), rest.size());
        work.report({"hook", "initializeCommand", shown(rest.substr(0, end), 200), 0, 0, false});
      }
      if (output.status != 0)
        return fail(Kind::failed, "environment.hook",
                    fmt::format("initializeCommand exited {}", output.status),
                    said + (said.empty() || said.ends_with('\n') ? "" : "\n") +
                        "mend it, then run the command again");
      work.report({"hook", "initializeCommand", "", 0, 0, true});
      return {};
    }));
  }
  return {};
}

}  // namespace photon::environment

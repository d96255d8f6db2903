#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "devenv/cli/commands/commands.hpp"

namespace photon::cli {
namespace {

constexpr Option options[] = {{"--all", "", "", "stop all environments and the engine, too"}};
constexpr Example examples[] = {
    {"devenv shutdown", "the daemon ends; environments go on, the next command starts it again"},
    {"devenv shutdown --all", "nothing of devenv runs afterwards"}};

/// Whoever calls us next must find nothing of the daemon: its engine and network end after its answer.
Result<void> stop(client::Client& daemon, bool all) {
  auto status = daemon.status();
  Fd process(status ? static_cast<int>(::syscall(SYS_pidfd_open, status->pid, 0)) : -1);
  PHOTON_CHECK(daemon.shut_down(all));
  constexpr int limit_ms = 70'000;  // longer than the daemon gives itself
  pollfd ended{process.get(), POLLIN, 0};
  if (process && ::poll(&ended, 1, limit_ms) == 0)
    return fail(Kind::unavailable, "cli.shutdown", fmt::format("the daemon {} does not end", status->pid),
                "its log is devenvd.log in the folder that devenv status names as data");
  return {};
}

Result<int> run(Context& context) {
  const bool all = context.arguments.flag("--all");
  // What a daemon that is gone has left running is stopped by a new one.
  PHOTON_TRY(auto paths, user_paths());
  std::error_code error;
  auto daemon = context.daemon(all && std::filesystem::exists(paths.journal(), error));
  bool ran = daemon.has_value();
  if (!ran && daemon.error().kind != Kind::unavailable) return tl::unexpected(daemon.error());
  if (ran) PHOTON_CHECK(stop(**daemon, all));
  if (context.json()) PHOTON_CHECK(context.print_json(json::object{{"ran", ran}}));
  context.tell(ran ? "the daemon is stopped\n" : "no daemon was running\n");
  return 0;
}

}  // namespace

extern const Command shutdown_command{"shutdown", "stop the daemon of this user", options, {}, examples, run};

}  // namespace photon::cli

#include "devenv/cli/commands/commands.hpp"

namespace photon::cli {
namespace {

constexpr Option options[] = {{"--all", "", "", "stop all environments and the engine, too"}};
constexpr Example examples[] = {
    {"devenv shutdown", "the daemon ends; environments go on, the next command starts it again"},
    {"devenv shutdown --all", "nothing of devenv runs afterwards"}};

Result<int> run(Context& context) {
  auto daemon = context.daemon(false);
  bool ran = daemon.has_value();
  if (!ran && daemon.error().kind != Kind::unavailable) return tl::unexpected(daemon.error());
  if (ran) PHOTON_CHECK((*daemon)->shut_down(context.arguments.flag("--all")));
  if (context.json()) PHOTON_CHECK(context.print_json(json::object{{"ran", ran}}));
  context.tell(ran ? "the daemon is stopped\n" : "no daemon was running\n");
  return 0;
}

}  // namespace

extern const Command shutdown_command{"shutdown", "stop the daemon of this user", options, {}, examples, run};

}  // namespace photon::cli

#include "devenv/cli/commands/commands.hpp"

namespace photon::cli {
namespace {

constexpr Example examples[] = {{"devenv events", "each change of an environment, until Ctrl-C"},
                                {"devenv events --json | jq -r .state", "one object a line, for programs"}};

std::string clock_time(std::int64_t time) {
  std::time_t seconds = time;
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec);
}

Result<int> run(Context& context) {
  Interrupt interrupt;
  PHOTON_TRY(auto* daemon, context.daemon());
  bool broken = false;  // nobody reads any more: head(1) has had enough
  std::stop_source ended;
  std::stop_callback chained(interrupt.token(), [&] { ended.request_stop(); });
  auto result = daemon->events(
      [&](const wire::Change& change) {
        auto line = fmt::format("{}  {}  {}  {}  {}", clock_time(change.time), padded(change.environment, 16),
                                padded(change.what, 10), padded(change.state, 10), harmless(change.detail));
        while (line.ends_with(' ')) line.pop_back();
        auto printed =
            context.json() ? context.print_json_line(wire::to_json(change)) : context.print(line + "\n");
        if (!printed) {
          broken = true;
          ended.request_stop();
        }
      },
      ended.get_token());
  if (broken) return 0;
  if (interrupt.happened()) return exit_status(Kind::cancelled);
  if (!result) return tl::unexpected(result.error());
  return 0;
}

}  // namespace

extern const Command events_command{"events", "print what changes, as it changes", {}, {}, examples, run};

}  // namespace photon::cli

// start, stop and rebuild: one verb each, the same story.
#include "devenv/cli/commands/commands.hpp"

namespace photon::cli {
namespace {

constexpr Example start_examples[] = {{"devenv start web", "starts web again as it was stopped"},
                                      {"devenv start", "the environment of this folder"}};
constexpr Example stop_examples[] = {{"devenv stop web", "stops its processes; files and volumes stay"},
                                     {"devenv stop --json | jq -r .state", "prints \"stopped\""}};
constexpr Example rebuild_examples[] = {
    {"devenv rebuild web", "a new container from the configuration as it is now"},
    {"devenv rebuild", "the environment of this folder"}};

Result<int> act(Context& context, std::string_view verb, std::string_view done) {
  Interrupt interrupt;
  PHOTON_TRY(auto name, environment_name(context, context.arguments.positional(0)));
  PHOTON_TRY(auto* daemon, context.daemon());
  PHOTON_TRY(auto paths, user_paths());
  PHOTON_TRY(auto operation, daemon->act(name, std::string(verb), client::this_caller(paths)));
  PHOTON_CHECK(follow(context, operation, interrupt));
  if (context.json()) {
    PHOTON_TRY(auto now, daemon->environment(name));  // with its branch, which the operation does not look up
    PHOTON_CHECK(context.print_json(wire::to_json(now)));
  }
  context.tell(fmt::format("{} {}\n", name, done));
  return 0;
}

}  // namespace

extern const Command start_command{
    "start", "start a stopped environment", {}, name_positional, start_examples, [](Context& context) {
      return act(context, "start", "is running");
    }};
extern const Command stop_command{
    "stop", "stop an environment and keep it", {}, name_positional, stop_examples, [](Context& context) {
      return act(context, "stop", "is stopped");
    }};
extern const Command rebuild_command{"rebuild",
                                     "make an environment's container anew, keeping its work",
                                     {},
                                     name_positional,
                                     rebuild_examples,
                                     [](Context& context) { return act(context, "rebuild", "is rebuilt"); }};

}  // namespace photon::cli

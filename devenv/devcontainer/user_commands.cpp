#include "devenv/core/fd.hpp"
#include "devenv/devcontainer/container_commands.hpp"
#include "devenv/devcontainer/face.hpp"
#include "devenv/devcontainer/machine.hpp"

namespace photon::devcontainer {
namespace {

constexpr std::string_view description = "An error occurred running user commands in the container.";

std::string_view result_of(std::string_view end) {
  if (end == "waited") return "skipNonBlocking";
  if (end == "content") return "prebuild";
  if (end == "created") return "stopForPersonalization";
  return "done";
}

Result<std::string_view> run_them(ContainerOptions& options, Log& log) {
  PHOTON_TRY(auto world, this_machine({}, log));
  PHOTON_TRY(auto target, find_target(options.read, world));
  PHOTON_TRY(auto request, begin_request(options, world));
  PHOTON_TRY(auto daemon, client::Client::open(true));
  PHOTON_TRY(auto environment, find_environment(target, options.read, daemon));
  request.source = environment.source;
  request.name = environment.name;
  request.expect = "running";
  // Only another file than the one it was made from is told.
  auto named = [](const std::optional<std::string>& option) { return option && !option->empty(); };
  if (target.place && (named(options.read.config) || named(options.read.override_config))) {
    request.config = target.place->path;
    PHOTON_TRY(request.configuration, effective_configuration(options, target, world));
  }
  PHOTON_TRY(auto ended, bring_up(daemon, request, log));
  return result_of(ended.hooks);
}

}  // namespace

int run_user_commands(const std::vector<std::string>& words) {
  ContainerOptions options;
  if (auto status = take_words(ContainerCommand::run_user_commands, words, options)) return *status;
  Log log(options.log, log_header());
  tell_without_effect(options.without_effect, log);
  auto result = run_them(options, log);
  if (!result) return end_with(result.error(), description, {}, log);
  spec::reference::Object answer;
  answer.set("outcome", "success");
  answer.set("result", *result);
  auto written = write_all(1, spec::reference::write(answer) + "\n");
  return written ? 0 : fault(log, written.error());
}

}  // namespace photon::devcontainer

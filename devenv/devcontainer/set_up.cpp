// Lifecycle commands, dotfiles and variables in a container that runs, by its id: those of its own
// configuration, and of one that somebody brings along.
#include <array>

#include "devenv/core/fd.hpp"
#include "devenv/devcontainer/container_commands.hpp"
#include "devenv/devcontainer/face.hpp"
#include "devenv/devcontainer/machine.hpp"
#include "devenv/spec/reference/legacy.hpp"
#include "devenv/spec/reference/merge.hpp"
#include "devenv/spec/reference/text.hpp"
#include "devenv/spec/reference/tolerant.hpp"

namespace photon::devcontainer {
namespace {

using spec::reference::List;
using spec::reference::Object;
using spec::reference::Value;
using spec::reference::World;

constexpr std::string_view description = "An error occurred running user commands in the container.";

/// What of a file means something for a container that is there.
constexpr std::array<std::string_view, 7> counts{"onCreateCommand",   "updateContentCommand",
                                                 "postCreateCommand", "postStartCommand",
                                                 "postAttachCommand", "waitFor",
                                                 "remoteEnv"};

/// Of the file of --config; "" = none was named.
Result<std::string> brought_along(const Target& target, const World& world) {
  if (!target.place) return std::string();
  PHOTON_TRY(auto bytes, world.read(target.place->path));
  PHOTON_TRY(auto parsed, spec::reference::parse_tolerant(spec::reference::decoded(bytes.value_or(""))));
  for (const auto& diagnostic : parsed.diagnostics) world.diagnose(target.place->path, diagnostic);
  if (!parsed.value.object())
    return fail(
        Kind::failed, "reference.object",
        fmt::format("Dev container config ({}) must contain a JSON object literal.", target.place->path));
  return spec::reference::write(spec::reference::picked(parsed.value, counts));
}

/// The container as an engine would describe it.
Result<Value> described(const wire::Container& container, const World& world) {
  List entries;
  for (const auto& text : container.metadata)
    for (auto& entry : spec::reference::label_entries(text, world.tell)) entries.push_back(std::move(entry));
  PHOTON_TRY(auto own, spec::reference::parse_tolerant(spec::reference::decoded(container.configuration)));
  if (own.value.object()) {
    PHOTON_TRY(own.value, spec::reference::move_old_properties(std::move(own.value)));
  }
  PHOTON_TRY(entries, spec::reference::metadata_entries(std::move(entries), {}, own.value, {}));
  Object labels;
  labels.set("devcontainer.metadata", spec::reference::write(entries));
  Object config;
  config.set("Labels", std::move(labels));
  config.set("Env", List(container.env.begin(), container.env.end()));
  Object inspected;
  inspected.set("Config", std::move(config));
  return Value(std::move(inspected));
}

Result<Value> run(ContainerOptions& options, Log& log) {
  PHOTON_TRY(auto world, this_machine({}, log));
  world.packages = no_packages();
  PHOTON_TRY(auto target, find_target(options.read, world));
  PHOTON_TRY(auto request, begin_request(options, world));
  PHOTON_TRY(request.also, brought_along(target, world));
  PHOTON_TRY(auto daemon, client::Client::open(true));
  PHOTON_TRY(auto environment, find_environment(target, options.read, daemon));
  request.source = environment.source;
  request.name = environment.name;
  request.expect = "running";
  PHOTON_CHECK(bring_up(daemon, request, log));
  Object answer;
  answer.set("outcome", "success");
  if (options.include_configuration || options.read.include_merged) {
    PHOTON_TRY(auto about, daemon.container(environment.name));
    PHOTON_TRY(auto inspected, described(about, world));
    world.engine.container = [inspected](const std::string&) -> Result<Value> { return inspected; };
    PHOTON_TRY(auto view, spec::reference::read_configuration(options.read, world));
    if (options.include_configuration) answer.set("configuration", view.at("configuration"));
    if (options.read.include_merged) answer.set("mergedConfiguration", view.at("mergedConfiguration"));
  }
  return Value(std::move(answer));
}

}  // namespace

int set_up(const std::vector<std::string>& words) {
  ContainerOptions options;
  if (auto status = take_words(ContainerCommand::set_up, words, options)) return *status;
  Log log(options.log, log_header());
  tell_without_effect(options.without_effect, log);
  auto answer = run(options, log);
  if (!answer) return end_with(answer.error(), description, {}, log);
  auto written = write_all(1, spec::reference::write(*answer) + "\n");
  return written ? 0 : fault(log, written.error());
}

}  // namespace photon::devcontainer

#include <unistd.h>

#include "devenv/command/interrupt.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/devcontainer/container_commands.hpp"
#include "devenv/devcontainer/face.hpp"
#include "devenv/devcontainer/machine.hpp"
#include "devenv/devcontainer/story.hpp"
#include "devenv/spec/reference/paths.hpp"
#include "devenv/spec/reference/text.hpp"
#include "devenv/spec/reference/tolerant.hpp"

namespace photon::devcontainer {
namespace {

using spec::reference::Object;
using spec::reference::Value;
using spec::reference::World;

constexpr int interrupted = 130;

/// The message of a hook begins with its property.
std::string what_failed(const Error& error, std::string_view otherwise) {
  if (error.code != "environment.hook") return std::string(otherwise);
  return fmt::format("{} failed.", error.message.substr(0, error.message.find_first_of(" :")));
}

/// What ran inside has said why: that stands above already, whole.
bool has_told(const Error& error) {
  constexpr std::string_view codes[] = {"environment.hook", "feature.install", "build.step"};
  return std::find(std::begin(codes), std::end(codes), error.code) != std::end(codes);
}

/// `container` is the id of what was made, also where something went wrong behind it.
Result<Value> make(ContainerOptions& options, std::string& container, Log& log) {
  PHOTON_TRY(auto world, this_machine({}, log));
  world.packages = no_packages();
  PHOTON_CHECK(check_name(options.read.config, world));
  PHOTON_TRY(auto target, find_target(options.read, world));
  if (target.folder.empty() || !target.place)
    return fail(Kind::failed, "reference.workspace", "No dev container config and no workspace found.",
                "--workspace-folder names one");
  PHOTON_TRY(auto request, up_request(options, target, world));
  PHOTON_TRY(auto daemon, client::Client::open(true));
  auto environment = bring_up(daemon, request, log);
  if (!environment) {
    if (auto kept = daemon.environment_with(target.labels); kept && *kept) container = (*kept)->id;
    return tl::unexpected(std::move(environment.error()));
  }
  container = environment->id;
  Object answer;
  answer.set("outcome", "success");
  answer.set("containerId", environment->id);
  if (!environment->project.empty()) answer.set("composeProjectName", environment->project);
  answer.set("remoteUser", environment->user);
  answer.set("remoteWorkspaceFolder", environment->workspace);
  if (options.include_configuration || options.read.include_merged) {
    PHOTON_TRY(auto about, daemon.container(environment->name));
    PHOTON_TRY(auto view, view_of(options, target, about, std::move(world)));
    if (options.include_configuration) answer.set("configuration", view.at("configuration"));
    if (options.read.include_merged) answer.set("mergedConfiguration", view.at("mergedConfiguration"));
  }
  answer.set("ociAuthDiagnostics", spec::reference::no_login_findings());
  return Value(std::move(answer));
}

Result<std::map<std::string, Secret>> secrets_of(const std::string& path, const World& world) {
  std::map<std::string, Secret> secrets;
  if (path.empty()) return secrets;
  PHOTON_TRY(auto bytes, world.read(spec::reference::resolved({world.working_folder, path})));
  if (!bytes)
    return fail(Kind::failed, "reference.secrets", "Failed to read/parse secrets",
                fmt::format("there is no file {}", path));
  PHOTON_TRY(auto parsed, spec::reference::parse_tolerant(spec::reference::decoded(*bytes)));
  const auto* said = parsed.value.object();
  if (!said || !parsed.diagnostics.empty())
    return fail(Kind::failed, "reference.secrets", "Failed to read/parse secrets",
                R"(the file holds {"NAME": "value"})");
  said->each([&](const std::string& name, const Value& value) { secrets[name] = Secret(value.to_text()); });
  return secrets;
}

/// What the reference makes of a name that is neither URL nor path.
std::string dotfiles_url(const std::string& repository) {
  bool path = repository.starts_with('/') || repository.starts_with("./") || repository.starts_with("../");
  if (repository.empty() || path || repository.find(':') != repository.npos) return repository;
  return fmt::format("https://github.com/{}.git", repository);
}

}  // namespace

Result<void> check_name(const std::optional<std::string>& config, const World& world) {
  if (!config || config->empty()) return {};
  auto path = spec::reference::resolved({world.working_folder, *config});
  if (path.ends_with("/devcontainer.json") || path.ends_with("/.devcontainer.json")) return {};
  return fail(Kind::failed, "reference.name",
              fmt::format("Filename must be devcontainer.json or .devcontainer.json ({}).", path));
}

std::optional<int> take_words(ContainerCommand command, const std::vector<std::string>& words,
                              ContainerOptions& options) {
  auto parsed = parse_container_options(command, words);
  if (!parsed) return wrong_words(help_of(command), parsed.error().message);
  options = std::move(*parsed);
  if (options.help) return write_all(1, help_of(command)) ? 0 : 1;
  if (options.version) return write_all(1, fmt::format("{}\n", follows)) ? 0 : 1;
  options.log.terminal = ::isatty(1) == 1;
  return std::nullopt;
}

Result<wire::Up> begin_request(const ContainerOptions& options, const World& world) {
  PHOTON_TRY(auto paths, find_paths(::geteuid() == 0));
  wire::Up request;
  request.allow_unknown = true;  // as the reference does; each is told
  request.skip_hooks = options.skip_hooks;
  request.lock = options.lock;
  request.probe = options.probe;
  request.update_uid = options.update_uid;
  request.caller = client::this_caller(paths);
  auto& hooks = request.hooks;
  hooks.only_waited = options.only_waited;
  hooks.prebuild = options.prebuild;
  hooks.before_start = options.before_start;
  hooks.skip_attach = options.skip_attach;
  hooks.env = options.remote_env;
  hooks.dotfiles = {dotfiles_url(options.dotfiles_repository), options.dotfiles_install,
                    options.dotfiles_target.empty() ? "~/dotfiles" : options.dotfiles_target};
  PHOTON_TRY(hooks.secrets, secrets_of(options.secrets_file, world));
  return request;
}

Result<wire::Up> up_request(const ContainerOptions& options, const Target& target, const World& world) {
  PHOTON_TRY(auto request, begin_request(options, world));
  PHOTON_TRY(request.configuration, effective_configuration(options, target, world));
  request.source = target.folder;
  request.config = target.place->path;
  request.labels = target.labels;
  request.recreate = options.remove_existing;
  if (options.expect_existing) request.expect = "made";
  request.initialize = true;
  return request;
}

Result<wire::Operation> follow(client::Client& daemon, const wire::Operation& operation, Log& log) {
  command::Interrupt interrupt;
  Story story(log);
  auto tell = [&](const Progress& progress) { story.tell(progress); };
  auto warn = [&](const std::string& warning) { log.write(LogLevel::warning, warning); };
  auto ended = daemon.follow(operation.id, tell, warn, interrupt.token());
  if (!ended && interrupt.happened()) {
    PHOTON_CHECK(daemon.cancel(operation.id));
    ended = daemon.follow(operation.id, tell, warn, {});
  }
  const bool done = ended && ended->state == "done";
  story.end(!done);
  if (!ended) return ended;
  if (ended->error) return tl::unexpected(std::move(*ended->error));
  if (!done) return cancelled();
  return ended;
}

Result<wire::Environment> bring_up(client::Client& daemon, const wire::Up& request, Log& log) {
  PHOTON_TRY(auto operation, daemon.up(request));
  PHOTON_TRY(auto ended, follow(daemon, operation, log));
  if (!ended.result) return cancelled();
  return std::move(*ended.result);
}

int end_with(const Error& error, std::string_view otherwise, const std::string& container, Log& log) {
  auto shown = error;
  if (has_told(error)) shown.hint.erase(0, error.hint.rfind('\n') + 1);
  int status = fault(log, shown);
  Object answer;
  answer.set("outcome", "error");
  answer.set("message", sentence(error));
  answer.set("description", what_failed(error, otherwise));
  if (!container.empty()) answer.set("containerId", container);
  (void)write_all(1, spec::reference::write(answer) + "\n");
  return error.kind == Kind::cancelled ? interrupted : status;
}

int up(const std::vector<std::string>& words) {
  ContainerOptions options;
  if (auto status = take_words(ContainerCommand::up, words, options)) return *status;
  Log log(options.log, log_header());
  tell_without_effect(options.without_effect, log);
  std::string container;
  auto answer = make(options, container, log);
  if (!answer) return end_with(answer.error(), "An error occurred setting up the container.", container, log);
  auto written = write_all(1, spec::reference::write(*answer) + "\n");
  return written ? 0 : fault(log, written.error());
}

}  // namespace photon::devcontainer

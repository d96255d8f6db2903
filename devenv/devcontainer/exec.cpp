#include <unistd.h>

#include "devenv/client/process.hpp"
#include "devenv/devcontainer/container_commands.hpp"
#include "devenv/devcontainer/face.hpp"
#include "devenv/devcontainer/machine.hpp"

namespace photon::devcontainer {
namespace {

constexpr int cannot_run = 126;  ///< also of a program that is not there

Result<int> run_in(ContainerOptions& options, Log& log) {
  if (options.command.empty())
    return fail(Kind::failed, "reference.words", "there is no command to run",
                "devcontainer exec --workspace-folder FOLDER COMMAND");
  PHOTON_TRY(auto world, this_machine({}, log));
  PHOTON_TRY(auto target, find_target(options.read, world));
  PHOTON_TRY(auto daemon, client::Client::open(true));
  PHOTON_TRY(auto environment, find_environment(target, options.read, daemon));
  return run_inside(daemon, environment.name, options.command, options.remote_env, log);
}

}  // namespace

Result<int> run_inside(client::Client& daemon, const std::string& environment,
                       std::vector<std::string> command, const std::vector<std::string>& env, Log& log) {
  PHOTON_TRY(auto broker, daemon.broker());
  PHOTON_TRY(auto session, broker.session(environment));
  inside::ExecRequest request;
  request.argv = std::move(command);
  request.env = std::move(session.env);
  request.user = session.user;
  request.cwd = session.cwd;
  for (const auto& item : env) {
    auto name = item.substr(0, item.find('='));
    bool fixed = std::find(session.fixed.begin(), session.fixed.end(), name) != session.fixed.end();
    if (!fixed) request.env.push_back(item);  // of two the later one counts
  }
  const bool terminal = ::isatty(0) == 1 && ::isatty(1) == 1;
  auto status = terminal ? client::run_on_terminal(std::move(session.connection), std::move(request))
                         : client::run_on_pipes(std::move(session.connection), request);
  if (status) return status;
  const auto kind = status.error().kind;
  if (kind != Kind::not_found && kind != Kind::denied) return status;
  (void)fault(log, status.error());
  return cannot_run;
}

int exec(const std::vector<std::string>& words) {
  ContainerOptions options;
  if (auto status = take_words(ContainerCommand::exec, words, options)) return *status;
  Log log(options.log, "");
  tell_without_effect(options.without_effect, log);
  auto status = run_in(options, log);
  return status ? *status : fault(log, status.error());
}

}  // namespace photon::devcontainer

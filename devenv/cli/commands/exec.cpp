#include <unistd.h>

#include "devenv/cli/commands/commands.hpp"
#include "devenv/client/process.hpp"

namespace photon::cli {
namespace {

constexpr Option options[] = {
    {"--user", "-u", "USER", "as that user of the container (remoteUser otherwise)"},
    {"--workdir", "-w", "FOLDER", "in that folder of the container (otherwise the workspace)"},
    {"--env", "-e", "NAME=VALUE", "with that variable", true},
    {"--no-tty", "-T", "", "no terminal, even where there is one here"},
    {"--detach", "-d", "", "leave it running and come back at once"},
};
constexpr Example examples[] = {
    {"devenv exec web -- npm test", "runs it in web's workspace and hands its status on"},
    {"tar c . | devenv exec web -- tar x -C /tmp", "standard input, output and error are passed"}};

Result<inside::ExecRequest> request_from(Context& context, inside::Session& session) {
  inside::ExecRequest out;
  out.argv = context.arguments.rest;
  out.env = session.env;
  for (const auto& one : context.arguments.all("--env")) {
    if (one.find('=') == std::string::npos || one.starts_with('='))
      return fail(Kind::usage, "cli.usage", fmt::format("--env takes NAME=VALUE, not \"{}\"", harmless(one)));
    auto name = one.substr(0, one.find('=') + 1);
    std::erase_if(out.env, [&](const std::string& other) { return other.starts_with(name); });
    out.env.push_back(one);
  }
  out.user = context.arguments.text("--user", session.user);
  out.cwd = context.arguments.text("--workdir", session.cwd);
  out.strict_cwd = context.arguments.flag("--workdir");
  out.detach = context.arguments.flag("--detach");
  return out;
}

/// {"status":…,"stdout":…,"stderr":…}
Result<int> run_captured(Context& context, Fd connection, const inside::ExecRequest& request) {
  PHOTON_TRY(auto said, client::run_captured(std::move(connection), request));
  PHOTON_CHECK(
      context.print_json(json::object{{"status", said.status}, {"stdout", said.out}, {"stderr", said.err}}));
  return said.status;
}

Result<int> run(Context& context) {
  if (context.arguments.rest.empty())
    return fail(Kind::usage, "cli.usage", "exec needs a command", "devenv exec NAME -- COMMAND");
  PHOTON_TRY(auto name, environment_name(context, context.arguments.positional(0)));
  PHOTON_TRY(auto* daemon, context.daemon());
  context.trace("session in " + name);
  PHOTON_TRY(auto broker, daemon->broker());
  auto session = broker.session(name);
  if (!session) return tl::unexpected(session.error());
  PHOTON_TRY(auto request, request_from(context, *session));
  bool terminal =
      ::isatty(0) == 1 && ::isatty(1) == 1 && !context.arguments.flag("--no-tty") && !context.json();
  if (request.detach) return client::run_detached(std::move(session->connection), request);
  if (context.json()) return run_captured(context, std::move(session->connection), request);
  return terminal ? client::run_on_terminal(std::move(session->connection), request)
                  : client::run_on_pipes(std::move(session->connection), request);
}

}  // namespace

extern const Command exec_command{"exec",
                                  "run a command in an environment",
                                  options,
                                  name_positional,
                                  examples,
                                  run,
                                  "[--] COMMAND [ARGUMENT…]",
                                  false,
                                  125};

}  // namespace photon::cli

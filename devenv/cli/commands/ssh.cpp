#include <boost/json/value_from.hpp>

#include "devenv/cli/commands/commands.hpp"
#include "devenv/cli/ssh_files.hpp"

namespace photon::cli {
namespace {

constexpr Option options[] = {{"--dry-run", "", "", "print the command line instead of running it"}};
constexpr Example examples[] = {{"devenv ssh web", "a shell in web, through OpenSSH's ssh"},
                                {"devenv ssh web -- -L 8080:127.0.0.1:80 -N", "ssh's own options after --"}};

Result<int> run(Context& context) {
  // Looked up here, for ssh itself would only say "Permission denied".
  PHOTON_TRY(auto found, environment(context, context.arguments.positional(0)));
  const auto& name = found.name;
  if (found.state == "stopped")
    return fail(Kind::conflict, "cli.stopped", name + " is stopped", "devenv start " + name);
  PHOTON_TRY(auto* daemon, context.daemon());
  PHOTON_TRY(auto line, ssh_command_line(*daemon, name));
  line.insert(line.end(), context.arguments.rest.begin(), context.arguments.rest.end());
  if (context.json()) {
    PHOTON_CHECK(context.print_json(json::object{{"command", json::value_from(line)}}));
    return 0;
  }
  if (context.arguments.flag("--dry-run")) {
    PHOTON_CHECK(context.print(shell_line(line) + "\n"));
    return 0;
  }
  context.trace(shell_line(line));
  auto failed = become(line);
  if (!failed && failed.error().kind == Kind::not_found) failed.error().hint = "apt install openssh-client";
  return failed;
}

}  // namespace

extern const Command ssh_command{"ssh",
                                 "open a shell in an environment with OpenSSH",
                                 options,
                                 name_positional,
                                 examples,
                                 run,
                                 "[--] [SSH-ARGUMENT…]",
                                 false,
                                 125};

}  // namespace photon::cli

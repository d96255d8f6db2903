#include "devenv/cli/commands/commands.hpp"

namespace photon::cli {
namespace {

constexpr Example examples[] = {{"devenv version", "ours, and that of the daemon if one runs"},
                                {"devenv version --json | jq -r .version", "for scripts"}};

Result<int> run(Context& context) {
  // Starts nothing: a question about versions must not make processes.
  std::string daemon_version;
  if (auto daemon = context.daemon(false))
    if (auto answer = (*daemon)->version()) daemon_version = answer->version;
  if (context.json()) {
    PHOTON_CHECK(context.print_json(json::object{{"version", PHOTON_VERSION}, {"daemon", daemon_version}}));
    return 0;
  }
  PHOTON_CHECK(context.print(fmt::format("devenv {}\n", PHOTON_VERSION)));
  if (!daemon_version.empty() && daemon_version != PHOTON_VERSION)
    context.tell(
        fmt::format("the running daemon is {}: devenv shutdown, and the next command starts the new one\n",
                    daemon_version));
  return 0;
}

}  // namespace

extern const Command version_command{"version", "print the version", {}, {}, examples, run};

}  // namespace photon::cli

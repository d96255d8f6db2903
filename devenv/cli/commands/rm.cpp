#include "devenv/cli/commands/commands.hpp"
#include "devenv/cli/ssh_files.hpp"

namespace photon::cli {
namespace {

constexpr Option options[] = {
    {"--yes", "-y", "", "delete even work that exists nowhere else, without asking"}};
constexpr Positional positionals[] = {{"NAME", "the environment", true, Completes::environments}};
constexpr Example examples[] = {{"devenv rm web", "asks first if work would be lost"},
                                {"devenv rm --yes web", "for scripts: asks nothing"}};

/// The daemon says what would be lost; the answer is asked for here, never inside a call.
Result<void> confirm(const std::string& name, const Error& asked) {
  std::string losses;
  std::string_view rest = asked.hint;
  while (!rest.empty()) {
    auto end = std::min(rest.find('\n'), rest.size());
    losses += "  " + harmless(rest.substr(0, end)) + "\n";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  auto intro =
      harmless(asked.message.empty() ? name + " has work that exists nowhere else" : asked.message) + ":\n";
  auto answer = ask(intro + losses + "Delete it all?");
  if (!answer)
    return fail(Kind::needs_confirmation, "cli.confirm", harmless(asked.message),
                asked.hint + fmt::format("\ndevenv rm --yes {} deletes it all", name));
  if (!*answer)
    return fail(Kind::cancelled, "cli.kept", fmt::format("nothing was deleted, {} is kept", name));
  return {};
}

Result<int> run(Context& context) {
  PHOTON_TRY(auto name, environment_name(context, context.arguments.positional(0)));
  PHOTON_TRY(auto* daemon, context.daemon());
  auto operation = daemon->remove(name, context.arguments.flag("--yes"));
  if (!operation && operation.error().kind == Kind::needs_confirmation) {
    if (context.json()) return tl::unexpected(operation.error());
    PHOTON_CHECK(confirm(name, operation.error()));
    operation = daemon->remove(name, true);
  }
  if (!operation) return tl::unexpected(operation.error());
  Interrupt interrupt;
  PHOTON_TRY(auto ended, follow(context, *operation, interrupt));
  PHOTON_CHECK(refresh_ssh_files(context));
  if (context.json()) PHOTON_CHECK(context.print_json(wire::to_json(ended)));
  context.tell(fmt::format("{} is deleted\n", name));
  return 0;
}

}  // namespace

extern const Command rm_command{"rm", "delete an environment and its work", options, positionals, examples,
                                run};

}  // namespace photon::cli

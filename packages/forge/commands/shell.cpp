#include <unistd.h>

#include "packages/forge/commands/commands.hpp"

namespace photon::forge {
namespace {

constexpr Option options[] = {packages_option, arch_option};
constexpr Positional positionals[] = {{"PACKAGE", "a recipe", true, Completes::packages}};
constexpr Example examples[] = {{"forge shell openssh", "look around where it is built"},
                                {"echo 'gcc --version' | forge shell zlib", "one command there"}};

Result<int> run(Context& context) {
  if (context.json())
    return fail(Kind::usage, "cli.usage", "a shell has no answer as JSON",
                "forge build --events FILE tells programs");
  PHOTON_TRY(auto options_of, context.build_options());
  PHOTON_TRY(auto* store, context.store());
  // Ctrl-C is the shell's own: nothing here takes it.
  Work quiet;
  return shell(context.arguments.positional(0), 0, options_of, *store, quiet);
}

}  // namespace

extern const Command shell_command{
    "shell", "open a shell in the sandbox of a package", options, positionals, examples, run};

}  // namespace photon::forge

#include <rpm/rpmlib.h>

#include "packages/forge/commands/commands.hpp"

namespace photon::forge {
namespace {

constexpr Example examples[] = {{"forge version", "ours, and that of the rpm library"},
                                {"forge version --json | jq -r .version", "for scripts"}};

Result<int> run(Context& context) {
  if (context.json()) {
    PHOTON_CHECK(context.print_json({{"version", PHOTON_VERSION}, {"rpm", RPMVERSION}}));
  } else {
    PHOTON_CHECK(context.print(fmt::format("forge {} (rpm {})\n", PHOTON_VERSION, RPMVERSION)));
  }
  return 0;
}

}  // namespace

extern const Command version_command{"version", "print the version", {}, {}, examples, run};

}  // namespace photon::forge

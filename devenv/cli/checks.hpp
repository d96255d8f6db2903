// `devenv doctor`: what the daemon, the machine and the user's own programs say.
#pragma once
#include <vector>

#include "devenv/cli/context.hpp"

namespace photon::cli {

/// All checks in the order in which they are shown. Works, too, where no daemon can start.
Result<std::vector<wire::Check>> all_checks(Context& context);

}  // namespace photon::cli

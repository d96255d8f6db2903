// One daemon to a data folder.
#pragma once
#include <optional>

#include "devenv/core/fd.hpp"
#include "devenv/core/paths.hpp"

namespace photon::daemon {

/// The lock, held as long as the value lives; nullopt if another daemon has it and answers.
Result<std::optional<Fd>> lock_data(const Paths& paths);

}  // namespace photon::daemon

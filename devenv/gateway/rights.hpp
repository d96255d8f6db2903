// What this process gives up before it reads the first byte of a stranger.
#pragma once
#include "devenv/core/error.hpp"

namespace photon::gateway {

Result<void> drop_rights();

}  // namespace photon::gateway

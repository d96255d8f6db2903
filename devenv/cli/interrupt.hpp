// Ctrl-C, as all programs of ours take it.
#pragma once
#include "devenv/command/interrupt.hpp"

namespace photon::cli {
using command::Interrupt;
}  // namespace photon::cli

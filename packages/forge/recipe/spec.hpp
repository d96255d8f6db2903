// A spec through librpm, in this very process: only for the short-lived ones that workers.cpp makes, for
// rpm's macros are global and may run programs.
#pragma once
#include "packages/forge/recipe/recipe.hpp"

namespace photon::forge {

/// rpm's configuration for the target, without the user's own, then our macros and definitions.
Result<void> start_rpm(const ReadOptions& options);
/// After start_rpm, once a process. Everything but `sources` and `digest`; `missing` is all that is not
/// local.
Result<Recipe> parse_spec(const std::string& spec, const ReadOptions& options);

}  // namespace photon::forge

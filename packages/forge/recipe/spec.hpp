// A spec through librpm, in this very process: only for the short-lived ones that workers.cpp makes, for
// rpm's macros are global and may run programs.
#pragma once
#include "packages/forge/recipe/recipe.hpp"

namespace photon::forge {

/// rpm's configuration for the target (or for `other`), without the user's own, then our macros and
/// definitions.
Result<void> start_rpm(const ReadOptions& options, const std::string& other = {});
/// After start_rpm, once a process. Everything but `sources` and `digest`; `missing` is all that is not
/// local.
/// `assumed` are further macros, `arch` (unless empty) the processor that it is for instead of the one asked
/// for.
Result<Recipe> parse_spec(const std::string& spec, const ReadOptions& options,
                          const std::vector<std::string>& assumed, const std::string& arch);

}  // namespace photon::forge

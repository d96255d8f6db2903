// The processes that read specs: each spec in one of its own, so that macros of one spec never reach the
// next, and one that crashes or hangs costs its time limit and nothing else.
#pragma once
#include "packages/forge/recipe/recipe.hpp"

namespace photon::forge {

/// The answers in the order of `specs`.
Result<std::vector<Result<Recipe>>> read_in_processes(const std::vector<std::string>& specs,
                                                      const ReadOptions& options, const Work& work);

}  // namespace photon::forge

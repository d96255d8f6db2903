// The parts of a clone that repeat for each submodule.
#pragma once
#include "devenv/git/git.hpp"
#include "devenv/git/mirror.hpp"

namespace photon::git {

/// .git of an environment: written by hand, for templates and hooks of the host have no place in it.
Result<void> make_repository(const Mirror& mirror, const Wanted& wanted, const std::string& url,
                             const std::string& folder);

Result<Cloned> clone_into(const CloneRequest& request, const Source& source, const std::string& target,
                          const Work& work, int depth);

/// Each gitlink that .gitmodules names, from a mirror of its own; adds to `cloned`.
Result<void> add_submodules(const CloneRequest& request, const Source& parent, git_repository* repository,
                            const std::string& folder, Cloned& cloned, const Work& work, int depth);

}  // namespace photon::git

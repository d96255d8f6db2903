// The sources of an environment that are not a folder of the user's own.
#pragma once
#include "devenv/environment/provision.hpp"

namespace photon::environment {

/// Clones the repository to where the environment has it, with the caller's logins, and notes in the record
/// what has come of it.
Result<void> clone_sources(const Parts& parts, Record& record, const git::Source& source,
                           const Caller& caller, const Work& work);

}  // namespace photon::environment

// What librpm found wrong, as errors of ours.
#pragma once
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "packages/rpm/librpm.hpp"

namespace photon::rpm {

/// The problems that the set holds now: the first kind's, up to three in one sentence.
Result<void> problems_of(rpmts set, const std::string& root);
/// Of a finished run: what failed to unpack, scriptlets that failed, owners that were not there.
Result<void> outcome_of(int status, const std::vector<std::string>& failed, const Messages& messages,
                        const std::string& root, const std::string& output);

}  // namespace photon::rpm

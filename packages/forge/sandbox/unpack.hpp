// The payload of one RPM as files: no owners, no scripts, no set-user-id; bounded.
#pragma once
#include <string>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"

namespace photon::forge {

/// Into a folder that is there and empty. corrupt "rpm.payload" for what is no RPM or ends early, "rpm.path"
/// for paths that leave, "rpm.bomb" past the bounds.
Result<void> unpack_rpm(const std::string& rpm, const std::string& folder, const Work& work);

}  // namespace photon::forge

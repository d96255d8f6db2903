// What of the store nothing needs any more.
#pragma once
#include <string>

#include "packages/forge/store/index.hpp"

namespace photon::forge {

Result<Freed> collect(Index& index, const std::string& folder, const Keep& keep);

}  // namespace photon::forge

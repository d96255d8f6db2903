// A build as JSON: how the index and the provenance keep it.
#pragma once
#include <string>

#include "devenv/core/error.hpp"
#include "packages/forge/store/store.hpp"

namespace photon::forge {

std::string record_of(const Built& built);
Result<Built> built_from(const std::string& record);

}  // namespace photon::forge

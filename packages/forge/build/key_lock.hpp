// Who builds a key, where several forges run on one store.
#pragma once
#include <string>

#include "devenv/core/error.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/work.hpp"

namespace photon::forge {

/// Of two forges that would build the same, the second waits and finds it stored. Let go by the kernel when
/// its holder dies.
Result<Fd> lock_key(const std::string& folder, const std::string& key, const Work& work);

}  // namespace photon::forge

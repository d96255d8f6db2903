// One of us at a time: a lock on a file that goes with the process, however it ends.
#pragma once
#include <string>

#include "devenv/core/fd.hpp"
#include "devenv/core/work.hpp"

namespace photon::forge {

/// Waits until nobody else holds `file`, which is made; what it waits for is reported. The lock lives as long
/// as the descriptor.
Result<Fd> lock_file(const std::string& file, const Work& work);

/// `folder` is removed with all that is in it; nothing there is no fault.
Result<void> remove_tree(const std::string& folder);

}  // namespace photon::forge

// The same for each of many, on every core.
#pragma once
#include <cstddef>
#include <functional>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"

namespace photon::forge {

/// Calls `each` with 0 … count-1 from several threads until all are done, one fails, or the work is stopped.
/// Returns when no call is running any more, with the first fault. `step` is what the progress is called.
Result<void> in_parallel(std::size_t count, const std::string& step, const Work& work,
                         const std::function<Result<void>(std::size_t)>& each);

}  // namespace photon::forge

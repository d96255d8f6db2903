// The programs that write disks, installed in the cache.
#pragma once
#include "devenv/core/fd.hpp"
#include "images/imager/disk/tools.hpp"
#include "images/imager/root/root.hpp"

namespace photon::images {

struct ToolsRoot {
  Tools tools{};
  Fd used{};  ///< while it is open, nobody removes them
};

/// Made once for each set of packages; those of earlier sets that nobody uses go then.
Result<ToolsRoot> tools_root(const Plan& plan, const Supply& supply, std::int64_t date, const Work& work);

/// One line a package: what decides the bytes of a root.
std::string lines_of(const Plan& plan);

}  // namespace photon::images

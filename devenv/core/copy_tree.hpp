// A folder's files once more at another place, as they are.
#pragma once
#include <cstdint>
#include <string>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"

namespace photon {

struct Copied {
  std::uint64_t files = 0;  ///< folders aside
  std::uint64_t bytes = 0;
};

/// Contents, owners, modes, times, symbolic links and hard links among the files; blocks are shared where the
/// file system can, files never are. No link is followed. Sockets, devices and extended attributes stay
/// behind. `to` must not exist; what a failure leaves of it is the caller's to delete.
Result<Copied> copy_tree(const std::string& from, const std::string& to, const Work& work);

/// Bytes of a folder's files.
std::uint64_t tree_bytes(const std::string& folder);

}  // namespace photon

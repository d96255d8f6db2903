// What of repositories and signed copies nobody needs any more: for `forge gc`, and after each publication.
#pragma once
#include <string>
#include <vector>

#include "packages/forge/publish/publish.hpp"
#include "packages/forge/store/store.hpp"

namespace photon::forge {

/// Leaves `keep` generations, the present one among them, and what they name.
Result<Freed> prune_repository(const std::string& folder, unsigned keep, const Work& work);
/// Removes the signed copies, of every key, of files whose unsigned digests are not in `keep`. Published ones
/// are second names of the same bytes and stay.
Result<Freed> prune_signed(const Store& store, const std::vector<std::string>& keep, bool dry_run,
                           const Work& work);

/// What of an opened repository `publish` calls itself while it holds the lock.
Result<Freed> prune_locked(const std::string& folder, unsigned keep);

}  // namespace photon::forge

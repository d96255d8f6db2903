// Bootstrap imports: binary packages of the distribution below, made into RPMs of ours. Recipes say which and
// under what name; the lock file says which bytes.
#pragma once
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"
#include "packages/forge/store/store.hpp"

namespace photon::forge {

struct ImportOptions {
  std::string folder{};  ///< packages/imports
  std::string arch = "x86_64";
  std::vector<std::string> only{};  ///< names of ours; empty: all
  unsigned jobs = 2;
  std::string sources{};  ///< a sources.list in place of the machine's mirrors: tests, a mirror of one's own
  std::string state{};    ///< where `update_lock` keeps apt's lists; empty: the default store
};

/// One import as the lock pins it. Its key follows from the lock's row, the recipe's row and the converter.
struct ImportPlan {
  std::string name{};  ///< ours: "glibc"
  std::string key{};
  bool stored = false;
  std::string group{};  ///< "runtime" (may land in an image) or "build" (build roots alone)
};
/// Reads recipes and lock; touches no network. 200 rows in milliseconds.
Result<std::vector<ImportPlan>> plan_imports(const ImportOptions& options, Store& store);
/// Makes what is not stored: fetched through apt's own verified lists in a private state folder, converted in
/// parallel, added to the store as Built with Origin::import. unavailable "forge.lock" with the one command
/// to mend it where the archive has moved on.
Result<std::vector<Built>> run_imports(const ImportOptions& options, Store& store, const Work& work);

struct LockChange {
  std::string deb{}, before{}, after{};
};
/// Resolves the recipes anew against the archive, writes the lock file, says what changed. All architectures.
Result<std::vector<LockChange>> update_lock(const ImportOptions& options, const Work& work);

/// A pristine source file out of the distribution's source packages: into `directory`, not yet checked.
Result<std::string> fetch_apt_source(const std::string& package, const std::string& file,
                                     const std::string& directory, const Work& work);

}  // namespace photon::forge

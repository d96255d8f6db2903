// Packages that could not be installed together, although none of them says so.
#pragma once
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"
#include "packages/forge/store/store.hpp"

namespace photon::forge {

/// Two packages of what `arch` is offered have a file in common, and not the same one: rpm would refuse the
/// transaction. Fine where their dependencies keep them apart. Else a conflict "publish.files" that names the
/// packages and the files. Remembered in the store by what went in.
Result<void> check_files(const std::vector<Built>& packages, const std::string& arch, Store& store,
                         const Work& work);

}  // namespace photon::forge

// A repository from which each of its packages can be installed.
#pragma once
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"
#include "packages/forge/store/store.hpp"

namespace photon::forge {

/// `packages`, and those of `spare` (tools that only builds need) without which one of them could not be
/// installed: headers ask for pkg-config. What is still missing then is a conflict "publish.unresolved" that
/// names all of it. Remembered in the store by what went in.
Result<std::vector<Built>> with_needs(std::vector<Built> packages, const std::vector<Built>& spare,
                                      const std::string& arch, Store& store, const Work& work);

}  // namespace photon::forge

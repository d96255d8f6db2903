// The key of a build: the digest of everything that went in, each of it by name so that `why` can tell.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "packages/forge/build/universe.hpp"
#include "packages/forge/recipe/recipe.hpp"
#include "packages/forge/store/store.hpp"

namespace photon::forge {

struct Root {
  Universe native{};   ///< the root itself
  Universe sysroot{};  ///< of the other processor, where it is built for one
};

/// `trees` has the digests of this checkout's files, by what sources call `tree`.
Result<std::vector<Input>> ingredients_of(const Recipe& recipe, const std::string& arch,
                                          const std::string& macros,
                                          const std::map<std::string, std::string>& trees, const Root& root);
std::string key_of(const std::vector<Input>& ingredients);

/// "source zlib-1.3.1.tar.xz is another", "build root: glibc-2.41-12.x86_64 → glibc-2.41-13.x86_64", …
std::vector<std::string> changes(const std::vector<Input>& before, const std::vector<Input>& now);

}  // namespace photon::forge

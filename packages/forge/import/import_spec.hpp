// The spec that rpmbuild turns an unpacked package of the distribution into RPMs with.
#pragma once
#include <string>
#include <vector>

#include "packages/forge/import/deb.hpp"
#include "packages/forge/import/import_recipe.hpp"

namespace photon::forge {

struct ImportSpec {
  const ImportRecipe& recipe;
  std::vector<Deb> debs{};  ///< the first gives name, version and words
  std::vector<std::string> needs{};
  std::vector<DebFile> files{};  ///< what is left of the payload, of all debs, by path
  std::string arch{};            ///< "x86_64", "aarch64"; all debs "all" makes it noarch
  std::string payload{};         ///< folder with the files
};

/// "1:2.3-4" → epoch, version, release, without characters that rpm refuses.
struct SpecVersion {
  std::string epoch{}, version{}, release{};
};
SpecVersion version_of(const std::string& debian);

/// A path as a word of %files, where rpm expands macros and patterns; `version` is rpm's ("4.20.1"), whose
/// rules have changed.
std::string file_name(const std::string& path, const char* version);

/// usage "forge.owner" for a user or group that is not among `owners`.
Result<std::string> write_spec(const ImportSpec& spec, const std::vector<std::string>& users,
                               const std::vector<std::string>& groups);

}  // namespace photon::forge

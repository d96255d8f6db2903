// One import from its debs to its RPMs.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"
#include "packages/forge/import/import_recipe.hpp"
#include "packages/forge/store/store.hpp"

namespace photon::forge {

/// Changes with whatever makes other RPMs of the same debs.
inline constexpr std::string_view converter_version = "3";

struct Conversion {
  const ImportRecipe& recipe;
  std::vector<std::string> debs{};   ///< files
  std::vector<std::string> needs{};  ///< our names
  std::string arch{};
  std::string macros{};  ///< of `macro_path`
  std::vector<std::string> users{}, groups{};
  std::string scratch{};  ///< a folder of its own; removed by the caller
};

/// The RPMs lie in the scratch folder's "out"; their names, sizes and digests are returned.
Result<std::vector<OutputFile>> convert(const Conversion& conversion, const Work& work);

/// The macros that rpmbuild reads by itself, then packages/macros, which has the last word.
Result<std::string> macro_path(const std::string& ours);

/// The names of a passwd or group file.
std::vector<std::string> names_in(const std::string& file);

}  // namespace photon::forge

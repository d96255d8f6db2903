// Dependencies between packages of the distribution, and what they become between ours.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "packages/forge/import/import_recipe.hpp"

namespace photon::forge {

/// "a (>= 1) | b:any, c" → {{"a", "b"}, {"c"}}: names alone.
std::vector<std::vector<std::string>> read_relations(const std::string& text);

/// Which of our imports holds a package of the distribution, by its name or by what it provides.
class Carried {
 public:
  Carried(const ImportTables& tables, const std::string& arch);
  /// From the archive's Provides, as they become known.
  void also_provides(const std::string& deb, const std::string& provides);
  /// Empty: none.
  [[nodiscard]] std::string owner_of(const std::string& deb) const;

 private:
  std::map<std::string, std::string> owners_;
};

struct Relations {
  std::vector<std::string> needs{};    ///< our names, beyond what generators find
  std::vector<std::string> missing{};  ///< "libfoo1 | libfoo2": nothing of ours brings it
};
/// `depends`: Pre-Depends and Depends of the debs of this recipe.
Relations relations_of(const ImportRecipe& recipe, const std::string& depends, const Carried& carried,
                       const ImportTables& tables);

}  // namespace photon::forge

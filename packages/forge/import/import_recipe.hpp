// The tables of packages/imports as values: which package of the distribution becomes which of ours, and how.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::forge {

struct ImportRecipe {
  std::string name{};             ///< ours
  std::string group = "runtime";  ///< or "build"
  std::vector<std::string> debs{};
  std::vector<std::string> arches{};  ///< empty: all
  std::vector<std::string> drop{};    ///< patterns of paths; ** crosses slashes
  /// Patterns of the only paths that it has, of a deb that another recipe imports; that one drops them.
  std::vector<std::string> only{};
  std::vector<std::string> needs{}, provides{};
  std::vector<std::string> ignore{};           ///< dependencies of these debs that are not carried
  std::vector<std::string> without{};          ///< "perl", "python": scripts in it are left out
  std::map<std::string, std::string> attr{};   ///< path → "2755 root _ssh"
  std::map<std::string, std::string> links{};  ///< path → target
  Place place{};
  [[nodiscard]] bool has(const std::string& arch) const;
};

struct ImportTables {
  std::vector<ImportRecipe> recipes{};           ///< by name
  std::map<std::string, std::string> ignored{};  ///< deb → why
  std::string digest{};                          ///< of all the files' bytes
};

/// Every *.toml of the folder but lock.toml. usage "forge.import" with file, line and column.
Result<ImportTables> read_import_tables(const std::string& folder);

/// "/usr/lib/*/gconv/**": * and ? stay between slashes, ** does not.
bool matches_path(std::string_view pattern, std::string_view path);

}  // namespace photon::forge

// A recipe: what a spec and its sources.toml say, resolved for one architecture. Pure value; reading a spec
// runs macros, so it happens in a process of its own.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"

namespace photon::forge {

/// One line of sources.toml: pinned by digest, found by the store, then apt, then the URL.
struct Source {
  std::string file{};      ///< the name below SOURCES that the spec uses
  std::string sha256{};    ///< 64 digits
  std::string url{};       ///< of the upstream; may be empty
  std::string apt{};       ///< the distribution's source package that holds it; may be empty
  std::string apt_file{};  ///< the file's name there ("zlib_1.3.dfsg.orig.tar.gz")
  /// An archive of this checkout's tracked files, made by us: of the files and folders that are named here,
  /// with blanks between. No digest is pinned.
  std::string tree{};
  bool operator==(const Source&) const = default;
};

struct Subpackage {
  std::string name{};
  std::string arch{};  ///< "noarch" or the recipe's
  std::vector<std::string> provides{}, needs{};
  std::vector<std::string> files{};  ///< patterns of %files: absolute, expanded, without directives
  bool operator==(const Subpackage&) const = default;
};

struct Recipe {
  std::string name{};
  std::string spec{};  ///< path of the .spec
  std::string
      folder{};  ///< holds the spec, sources.toml, patches and other files that Source/Patch lines name
  std::string epoch{}, version{}, release{}, license{}, url{}, summary{};
  std::string arch{};  ///< target; "noarch" where the whole package is
  std::vector<Subpackage> packages{};
  std::vector<std::string> build_requires{};  ///< texts, rich ones included
  bool dynamic_build_requires = false;        ///< has %generate_buildrequires
  std::vector<Source> sources{};              ///< from sources.toml
  /// sources.toml says `otherwise = "import"`: where a source can be had nowhere, the import of the same
  /// names stands; the recipe is skipped, its dependents are built with the import, and the summary says so.
  bool import_suffices = false;
  /// sources.toml says `when = "asked"`: built where it is named, or where another recipe needs it; what is
  /// stored of it counts as any other's.
  bool when_asked = false;
  std::vector<std::string> files{};    ///< local files (patches, units) that Source/Patch lines name
  std::vector<std::string> missing{};  ///< named by Source/Patch, neither beside the spec nor pinned
  std::vector<std::string> exclusive_arch{};
  std::vector<std::string> assumed{};  ///< "NAME 0": macros that a lenient reading has made up
  std::string digest{};  ///< of the spec, sources.toml, local files and our macros: changes when any does
  bool operator==(const Recipe&) const = default;
};

struct ReadOptions {
  std::string arch = "x86_64";
  std::string macros{};                    ///< our macro file, or empty for rpm's defaults alone
  std::vector<std::string> defines{};      ///< "name value"
  std::string cache{};                     ///< folder for parsed recipes by digest; empty: none
  std::string bootstrap{};                 ///< packages/imports: what imports provide, for lint
  std::vector<std::string> more_macros{};  ///< macro files that are read after `macros`
  /// Specs of others: a macro that their builder would define, and without which an %if cannot be read,
  /// counts as 0 (`Recipe::assumed` names it).
  bool lenient = false;
  unsigned jobs = 0;  ///< processes that read specs; 0: one a processor
  std::chrono::milliseconds limit = std::chrono::seconds(20);  ///< for one spec, its shell macros included
};

struct Unread {
  std::string spec{};
  Error error{};
};
struct Recipes {
  std::vector<Recipe> recipes{};  ///< by name
  std::vector<Unread> unread{};
};
/// One spec. usage "forge.spec" with file and line for what rpm cannot parse.
Result<Recipe> read_recipe(const std::string& spec, const ReadOptions& options);
/// Every *.spec below a folder, in parallel, each in a process of its own that may die or hang: one that
/// fails hinders no other. The processes see files read-only and reach no socket. Call it while no other
/// thread of this process is inside librpm.
Result<Recipes> read_recipes(const std::string& folder, const ReadOptions& options, const Work& work);
/// not_found "forge.source" where a Source or Patch line names what is neither beside the spec nor pinned.
Result<void> check_sources(const Recipe& recipe);

/// What a sources.toml says.
struct Pins {
  std::vector<Source> sources{};
  bool import_suffices = false;  ///< otherwise = "import"
  bool when_asked = false;       ///< when = "asked"
};
/// `file` is what errors call the text; each has its line and column.
Result<Pins> parse_sources(const std::string& text, const std::string& file);

}  // namespace photon::forge

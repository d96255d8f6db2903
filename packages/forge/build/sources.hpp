// A recipe's sources: from the store, else from the distribution's source packages, else from the upstream.
#pragma once
#include <string>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"
#include "packages/forge/recipe/recipe.hpp"
#include "packages/forge/store/store.hpp"

namespace photon::forge {

/// The path of the stored bytes, whose digest has been checked. corrupt "forge.digest" where what was found
/// is something else; not_found "forge.source" says where it was looked for and what each place said.
Result<std::string> fetch_source(const Recipe& recipe, const Source& source, Store& store, const Work& work);

/// Whether one of its sources was looked for everywhere within the last day, in vain.
bool out_of_reach(const Recipe& recipe, Store& store);

/// This checkout's tracked files as they are now.
class Checkout {
 public:
  /// `folder` is below the checkout. Digests are remembered in `store`, which has to live as long.
  static Result<Checkout> look(const std::string& folder, Store& store);
  /// Of the files that `tree` names: files and folders separated by blanks. not_found "forge.checkout" for a
  /// word that names none.
  [[nodiscard]] Result<std::string> digest(const std::string& tree) const;
  /// Deterministic; folder and compression follow from the name ("photon-1.tar.gz").
  [[nodiscard]] Result<void> pack(const std::string& tree, const std::string& archive) const;

 private:
  struct File {
    std::string path{};
    std::string look{};  ///< what differs when somebody has written to it
  };
  [[nodiscard]] Result<std::vector<const File*>> files(const std::string& tree) const;

  std::string root_;
  std::vector<File> files_;  ///< by path
  Store* store_ = nullptr;
};

}  // namespace photon::forge

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

/// This checkout as one archive: its tracked files as they are now, without recipes and imports.
class Checkout {
 public:
  /// `folder` is below the checkout.
  static Result<Checkout> look(const std::string& folder, Store& store);
  [[nodiscard]] const std::string& digest() const { return digest_; }
  /// Deterministic; folder and compression follow from the name ("photon-1.tar.gz").
  Result<void> pack(const std::string& archive) const;

 private:
  std::string root_, digest_;
  std::vector<std::string> files_;
};

}  // namespace photon::forge

// A collection of features or templates: packed, and described by devcontainer-collection.json.
#pragma once
#include <map>

#include "devenv/devcontainer/packages/command.hpp"

namespace photon::devcontainer {

enum class Sort { feature, a_template };
std::string_view word_of(Sort sort);

struct Collection {
  Sort sort = Sort::feature;
  std::vector<spec::reference::Value> items;    ///< what each says of itself, as it is packed
  std::map<std::string, std::string> archives;  ///< by their names: devcontainer-feature-ID.tgz

  /// devcontainer-collection.json
  [[nodiscard]] std::string document() const;
};
inline constexpr std::string_view collection_file = "devcontainer-collection.json";
std::string archive_name(Sort sort, const std::string& id);

/// `target` holds devcontainer-feature.json itself, or a folder for each item. One that lacks what it must
/// have is an error; a folder without a document is left out, which is told.
Result<Collection> pack_collection(Sort sort, const std::string& target, Log& log);

}  // namespace photon::devcontainer

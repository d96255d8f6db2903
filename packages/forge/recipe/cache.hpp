// What a recipe depends on as one digest, and parsed recipes kept by the digest of what they were read from.
#pragma once
#include <optional>

#include "packages/forge/recipe/recipe.hpp"

namespace photon::forge {

/// What all recipes of one reading share: architecture, definitions, macro files, rpm's release.
struct Setting {
  std::string digest{};
};
Result<Setting> setting_of(const ReadOptions& options);

/// Fills `sources`, takes what they pin out of `missing`, and computes `digest`. Reads each local file.
Result<void> complete(Recipe& recipe, const Setting& setting);
/// The recipe as it was parsed before, if the spec, the setting and each local file are what they were then.
std::optional<Recipe> cached(const std::string& spec, const ReadOptions& options, const Setting& setting);
/// Before `complete`; one that cannot be written is parsed again next time.
void keep(const Recipe& recipe, const ReadOptions& options, const Setting& setting);

}  // namespace photon::forge

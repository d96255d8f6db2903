// Recipes as JSON: between the processes that read specs, in the cache, and for --json.
#pragma once
#include "devenv/core/json.hpp"
#include "packages/forge/recipe/recipe.hpp"

namespace photon::forge {

json::value to_json(const Recipe& recipe);
/// What is missing or of another type is empty: the text is our own, or a child's that may have gone mad.
Recipe recipe_from_json(const json::value& value);

}  // namespace photon::forge

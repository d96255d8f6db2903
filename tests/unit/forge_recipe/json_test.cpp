#include <gtest/gtest.h>

#include "packages/forge/recipe/json.hpp"

namespace photon::forge {
namespace {

TEST(ForgeRecipeJson, ComesBackAsItWas) {
  Recipe recipe{
      .name = "a", .spec = "/x/a.spec", .folder = "/x", .epoch = "1", .version = "2", .release = "3"};
  recipe.packages = {
      {.name = "a-devel", .arch = "noarch", .provides = {"p"}, .needs = {"n"}, .files = {"/f"}}};
  recipe.build_requires = {"gcc", "(a or b)"};
  recipe.dynamic_build_requires = recipe.import_suffices = recipe.when_asked = true;
  recipe.sources = {{.file = "f", .sha256 = "s", .url = "u", .apt = "a", .apt_file = "af", .tree = "self"}};
  recipe.files = {"fix.patch"};
  recipe.missing = {"m"};
  recipe.exclusive_arch = {"aarch64"};
  recipe.digest = "d";
  EXPECT_EQ(recipe_from_json(to_json(recipe)), recipe);
}

TEST(ForgeRecipeJson, OfAnotherShapeIsEmpty) {
  EXPECT_EQ(recipe_from_json(json::value{{"packages", 3}, {"name", json::value(nullptr)}}), Recipe{});
}

}  // namespace
}  // namespace photon::forge

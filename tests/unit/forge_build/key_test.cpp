#include "packages/forge/build/key.hpp"

#include <gmock/gmock.h>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::forge {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string sum(std::string_view text) { return sha256_hex(text); }

struct BuildKey : testing::Test {
  fixtures::TempFolder folder;
  Recipe recipe{
      .name = "zlib", .spec = folder.path + "/zlib.spec", .folder = folder.path, .digest = sum("r")};
  Root root{.native = {{"gcc-14-1.x86_64", "/x", sum("gcc")}}};

  BuildKey() {
    EXPECT_TRUE(write_file(recipe.spec, "Name: zlib\n"));
    EXPECT_TRUE(write_file(folder.path + "/a.patch", "-a\n+b\n"));
    recipe.files = {"a.patch"};
    recipe.sources = {{.file = "zlib.tar", .sha256 = sum("tar")}};
  }
  std::vector<Input> ingredients(const std::string& macros = sum("macros")) {
    auto list = ingredients_of(recipe, "x86_64", macros, {{"self", sum("self")}}, root);
    EXPECT_TRUE(list) << sentence(list.error());
    return list ? *list : std::vector<Input>{};
  }
};

TEST_F(BuildKey, IsTheSameForTheSameInputInAnyOrder) {
  auto list = ingredients();
  auto key = key_of(list);
  EXPECT_EQ(key.size(), 64U);
  std::reverse(list.begin(), list.end());
  EXPECT_EQ(key_of(list), key);
}

TEST_F(BuildKey, ChangesWithEachThingThatGoesIn) {
  auto before = ingredients();
  std::vector<std::string> keys{key_of(before)};
  auto expect_new = [&](const std::vector<Input>& list, const std::string& line) {
    keys.push_back(key_of(list));
    EXPECT_THAT(changes(before, list), ElementsAre(line));
    std::set<std::string> all(keys.begin(), keys.end());
    EXPECT_EQ(all.size(), keys.size()) << line;
    before = list;
  };
  ASSERT_TRUE(write_file(folder.path + "/a.patch", "-a\n+c\n"));
  expect_new(ingredients(), "file a.patch has changed");
  ASSERT_TRUE(write_file(recipe.spec, "Name: zlib\n# x\n"));
  recipe.digest = sum("r2");
  expect_new(ingredients(), "spec has changed");
  recipe.sources[0].sha256 = sum("other");
  expect_new(ingredients(), "source zlib.tar has changed");
  expect_new(ingredients(sum("m2")), "macros has changed");
  before = ingredients();
  root.native[0].sha256 = sum("gcc rebuilt");
  expect_new(ingredients(), "build root gcc-14-1.x86_64 has other bytes");
  root.native[0].nevra = "gcc-15-1.x86_64";
  root.native[0].sha256 = sum("gcc 15");
  expect_new(ingredients(), "build root gcc-14-1.x86_64 → gcc-15-1.x86_64");
  root.native.push_back({"make-4-1.x86_64", "/y", sum("make")});
  expect_new(ingredients(), "build root make-4-1.x86_64 is new");
  root.native.pop_back();
  EXPECT_THAT(changes(before, ingredients()), ElementsAre("build root make-4-1.x86_64 is gone"));
  EXPECT_EQ(key_of(ingredients()), keys[keys.size() - 2]) << "as it was before make came";
}

TEST_F(BuildKey, SaysSoWhenOnlyTheReadingDiffers) {
  auto before = ingredients();
  recipe.digest = sum("another rpm");
  EXPECT_THAT(changes(before, ingredients()), ElementsAre("the recipe reads differently"));
  EXPECT_THAT(changes(before, before), IsEmpty());
}

TEST_F(BuildKey, OurOwnSourcesCountByTheCheckout) {
  recipe.sources = {{.file = "photon.tar", .tree = "self"}};
  auto one = ingredients_of(recipe, "x86_64", "", {{"self", sum("one")}}, root);
  auto two = ingredients_of(recipe, "x86_64", "", {{"self", sum("two")}}, root);
  ASSERT_TRUE(one && two);
  EXPECT_NE(key_of(*one), key_of(*two));
}

TEST(Universe, OursReplaceImportsOfTheirName) {
  Universe imports{{"zlib-1.3-1.x86_64", "/i/zlib", "1"},
                   {"zlib-devel-1.3-1.x86_64", "/i/d", "2"},
                   {"bash-5-1.x86_64", "/i/b", "3"}};
  Universe ours{{"zlib-1.2-1.x86_64", "/o/zlib", "4"}};
  EXPECT_THAT(replaced(imports, ours), ElementsAre(imports[2], ours[0], imports[1]));
  EXPECT_EQ(name_of("zlib-devel-1.3.1-1.pw1.x86_64"), "zlib-devel");
  EXPECT_EQ(name_of("odd"), "odd");
}

}  // namespace
}  // namespace photon::forge

// A parsed recipe is kept, and forgotten when anything that it was read from is another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/forge_recipe/a_spec.hpp"

namespace photon::forge {
namespace {

using testing::ElementsAre;

struct Cached : testing::Test {
  Specs specs{};
  ReadOptions options{.cache = specs.folder.path + "/cache"};
  /// A spec whose macro counts how often it is read, by the clock's nanoseconds.
  std::string spec = specs.spec("a", "BuildRequires: read-%(date +%N)\nSource1: fix.patch\n");

  Recipe read() {
    auto recipe = read_recipe(spec, options);
    EXPECT_TRUE(recipe) << sentence(recipe.error());
    return recipe ? *recipe : Recipe{};
  }
};

TEST_F(Cached, IsNotReadAgain) {
  specs.file("a/fix.patch", "one");
  auto first = read();
  EXPECT_EQ(read(), first);
}

TEST_F(Cached, IsReadAgainWhenTheSpecALocalFileOrTheSettingChanges) {
  specs.file("a/fix.patch", "one");
  auto first = read();
  specs.file("a/fix.patch", "two");
  auto second = read();
  EXPECT_NE(second.build_requires, first.build_requires);
  EXPECT_NE(second.digest, first.digest);
  options.defines = {"x 1"};
  auto third = read();
  EXPECT_NE(third.build_requires, second.build_requires);
  EXPECT_NE(third.digest, second.digest);
}

TEST_F(Cached, ALocalFileThatAppearsIsNoticed) {
  auto first = read();
  EXPECT_THAT(first.missing, ElementsAre("fix.patch"));
  specs.file("a/fix.patch", "one");
  auto second = read();
  EXPECT_THAT(second.files, ElementsAre("fix.patch"));
  EXPECT_NE(second.digest, first.digest);
}

TEST_F(Cached, SourcesTomlIsReadEachTime) {
  auto first = read();
  specs.file("a/sources.toml",
             "[[source]]\nfile = \"fix.patch\"\nsha256 = \"" + std::string(64, 'b') + "\"\n");
  auto second = read();
  EXPECT_EQ(second.build_requires, first.build_requires);
  EXPECT_EQ(second.sources.size(), 1U);
  EXPECT_NE(second.digest, first.digest);
}

TEST_F(Cached, DamageIsNoMatter) {
  auto first = read();
  for (const auto& entry : std::filesystem::directory_iterator(options.cache))
    std::ofstream(entry.path()) << "{\"recipe\": 3";
  auto second = read();
  EXPECT_EQ(second.name, "a");
  EXPECT_NE(second.build_requires, first.build_requires);
}

}  // namespace
}  // namespace photon::forge

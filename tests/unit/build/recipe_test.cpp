// The same recipe has the same key, and each of its parts counts.
#include "devenv/build/recipe.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "devenv/image/document.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::build {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class RecipeTest : public testing::Test {
 protected:
  RecipeTest() {
    put("Dockerfile", "FROM debian\n");
    put("file", "text");
  }
  void put(const std::string& name, const std::string& text) {
    fs::create_directories(folder_.path + "/context");
    ASSERT_TRUE(write_file(folder_.path + "/context/" + name, text, 0644));
  }
  spec::Build build() const {
    spec::Build build;
    build.repository = folder_.path;
    build.context = folder_.path + "/context";
    build.dockerfile = build.context + "/Dockerfile";
    return build;
  }
  static std::string key(const spec::Build& build) {
    auto recipe = read_recipe(build, {});
    EXPECT_TRUE(recipe) << sentence(recipe.error());
    return recipe ? recipe->key : "";
  }
  fixtures::TempFolder folder_;
};

TEST_F(RecipeTest, EachPartCounts) {
  auto first = key(build());
  EXPECT_EQ(first.size(), 40U);
  EXPECT_EQ(key(build()), first);
  std::set<std::string> keys{first};
  auto other = [&](auto change) {
    auto changed = build();
    change(changed);
    EXPECT_TRUE(keys.insert(key(changed)).second);
  };
  other([](auto& build) { build.args["A"] = "1"; });
  other([](auto& build) { build.args["A"] = "2"; });
  other([](auto& build) { build.target = "x"; });
  other([](auto& build) { build.options = {"--no-cache"}; });
  put("file", "other");
  other([](auto&) {});
  put("Dockerfile", "FROM debian:12\n");
  other([](auto&) {});
  auto read = read_recipe(build(), {});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->name(), "localhost/devenv-build:" + read->key);
  EXPECT_TRUE(is_built(read->name()));
  EXPECT_FALSE(is_built("localhost/devenv-builder:1"));
}

TEST_F(RecipeTest, TheIgnoreFileOfADockerfileComesFirst) {
  auto all = key(build());
  put(".dockerignore", "file\n.dockerignore\n");
  auto ignored = key(build());
  EXPECT_NE(ignored, all);
  put("file", "other");
  EXPECT_EQ(key(build()), ignored);
  put("Dockerfile.dockerignore", "nothing\n");
  auto counted = key(build());
  put("file", "third");
  EXPECT_NE(key(build()), counted);
  EXPECT_EQ(read_recipe(build(), {})->ignore, "nothing\n");
}

TEST_F(RecipeTest, AnotherPlatformIsRefused) {
  auto here = image::this_platform();
  auto asked = build();
  asked.options = {fmt::format("--platform={}/{}", here.os, here.architecture)};
  EXPECT_TRUE(read_recipe(asked, {}));
  asked.options = {"--platform=linux/s390x"};
  auto refused = read_recipe(asked, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "build.platform");
}

TEST_F(RecipeTest, WhatIsMissingIsNamed) {
  auto asked = build();
  asked.context += "/none";
  auto refused = read_recipe(asked, {});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("there is no folder context/none"));
  asked = build();
  asked.dockerfile += ".none";
  refused = read_recipe(asked, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "there is no context/Dockerfile.none");
}

}  // namespace
}  // namespace photon::build

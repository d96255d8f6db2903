#include "devenv/feature/metadata.hpp"

#include <gmock/gmock.h>

namespace photon::feature {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(FeatureMetadata, AllThatConcernsUs) {
  auto read = parse_metadata(R"({
    // as people write it
    "id": "tools", "version": "1.2.0", "name": "Tools", "deprecated": true,
    "legacyIds": ["old-tools"], "currentId": "tools",
    "documentationURL": "https://example.org", "keywords": ["x"],
    "options": {"version": {"type": "string", "default": "1", "enum": ["1", "2"], "description": "…"}},
    "dependsOn": {"example.org/a/base:1": {"flag": true}, "example.org/a/other:1": "2"},
    "installsAfter": ["example.org/a/git"],
    "containerEnv": {"B": "2", "A": "1"},
    "entrypoint": "/start.sh", "init": true, "capAdd": ["SYS_PTRACE"], "image": "ignored",
    "mounts": [{"source": "v-${devcontainerId}", "target": "/v", "type": "volume"}],
    "postCreateCommand": {"x": "true"}, "settings": {"a": 1},
  })",
                             "it");
  ASSERT_TRUE(read) << sentence(read.error());
  EXPECT_EQ(read->name, "Tools");
  EXPECT_TRUE(read->deprecated);
  EXPECT_THAT(read->legacy_ids, ElementsAre("old-tools"));
  EXPECT_EQ(read->options.at("version"), (Option{false, "1", {"1", "2"}}));
  ASSERT_EQ(read->depends_on.size(), 2U);
  EXPECT_EQ(read->depends_on[0].options.at("flag"), "true");
  EXPECT_EQ(read->depends_on[1].shorthand, "2");
  EXPECT_THAT(read->installs_after, ElementsAre("example.org/a/git"));
  EXPECT_THAT(read->container_env, ElementsAre(testing::Pair("B", "2"), testing::Pair("A", "1")));
  EXPECT_EQ(
      read->entry,
      R"({"init":true,"capAdd":["SYS_PTRACE"],"entrypoint":"/start.sh","mounts":[{"source":"v-${devcontainerId}",)"
      R"("target":"/v","type":"volume"}],"postCreateCommand":{"x":"true"},)"
      R"("customizations":{"vscode":{"settings":{"a":1}}}})");
}

TEST(FeatureMetadata, FaultsHaveTheirPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"[]", "it:1:1: the file must hold an object"},
      {"{}", "it:1:1: \"id\" must be there"},
      {R"({"id": ""})", "it:1:8: \"id\" must be a text that is not empty"},
      {R"({"id": "a/b"})", "it:1:8: \"id\" must be a name without slashes"},
      {R"({"id": "a", "options": {"x": {"type": "number"}}})", "it:1:39: \"type\" cannot be \"number\""},
      {R"({"id": "a", "options": {"x": {"default": {}}}})",
       "it:1:42: \"default\" must be a text, true or false"},
      {R"({"id": "a", "containerEnv": {"A=B": "x"}})",
       "it:1:37: \"containerEnv\" must be an object of texts"},
      {R"({"id": "a", "dependsOn": ["x"]})",
       "it:1:26: \"dependsOn\" must be an object of features and their options"},
      {R"({"id": "a" "b"})", "it:1:12: expected ',' or '}', found '\"'"}};
  for (const auto& [text, expected] : cases) {
    auto read = parse_metadata(text, "it");
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(sentence(read.error()), expected) << text;
  }
}

}  // namespace
}  // namespace photon::feature

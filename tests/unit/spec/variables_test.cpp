// Variables by the table of their specification.
#include "devenv/spec/variables.hpp"

#include <gtest/gtest.h>

#include "tests/unit/spec/inputs.hpp"

namespace photon::spec {
namespace {

Variables variables() {
  return {[](const std::string& name) -> std::optional<std::string> {
            if (name == "A") return "a";
            if (name == "EMPTY") return "";
            return std::nullopt;
          },
          "/home/ada/web", "/workspaces/site", "0123"};
}

struct Row {
  const char* text;
  const char* expected;
};
TEST(Variables, AreReplacedInOnePass) {
  const Row rows[] = {
      {"${localEnv:A}", "a"},
      {"${env:A}", "a"},
      {"x${localEnv:A}y${env:A}", "xaya"},
      {"${localEnv:NONE}", ""},
      {"${localEnv:NONE:d}", "d"},
      {"${localEnv:NONE:d:e}", "d"},
      {"${localEnv:A:d}", "a"},
      {"${localEnv:EMPTY:d}", ""},
      {"$${localEnv:A}", "$a"},
      {"${localEnv:NONE:${localEnv:A}}", "${localEnv}"},
      {"${ localEnv:A}", "${ localEnv:A}"},
      {"${LocalEnv:A}", "${LocalEnv:A}"},
      {"${local\nEnv:A}", "${local\nEnv:A}"},
      {"${\n${localEnv:A}", "${\na"},
      {"${HOME}", "${HOME}"},
      {"${", "${"},
      {"${localWorkspaceFolder}", "/home/ada/web"},
      {"${localWorkspaceFolder:x}", "/home/ada/web"},
      {"${localWorkspaceFolderBasename}", "web"},
      {"${containerWorkspaceFolder}", "/workspaces/site"},
      {"${containerWorkspaceFolderBasename}", "site"},
      {"${devcontainerId}", "0123"},
      {"${containerEnv:A}", "${containerEnv:A}"},
  };
  for (const auto& [text, expected] : rows) {
    auto out = substitute(text, variables());
    ASSERT_TRUE(out) << text;
    EXPECT_EQ(*out, expected) << text;
  }
}

TEST(Variables, WithoutANameAreAnErrorAtTheirPlace) {
  auto error = World("{\n  \"name\": \"${localEnv}\"}").resolve();
  ASSERT_FALSE(error);
  EXPECT_EQ(sentence(error.error()),
            ".devcontainer/devcontainer.json:2:11: ${localEnv} lacks the name of a variable");
}

TEST(Variables, OfTheContainerComeInTheLastPass) {
  std::map<std::string, std::string> environment{{"PATH", "/bin"}, {"EMPTY", ""}};
  const Row rows[] = {{"${containerEnv:PATH}:/x", "/bin:/x"}, {"${containerEnv:NONE}", ""},
                      {"${containerEnv:NONE:d}", "d"},        {"${containerEnv:EMPTY:d}", ""},
                      {"${containerEnv}", "${containerEnv}"}, {"${localEnv:A}", "${localEnv:A}"}};
  for (const auto& [text, expected] : rows)
    EXPECT_EQ(substitute_container(text, environment), expected) << text;
}

TEST(Variables, TheIdIsTheLabelsDigestInBase32) {
  // By a calculation of its own: int(sha256('{"a":"b"}').hexdigest(), 16) in digits 0-9a-v.
  EXPECT_EQ(devcontainer_id({{"a", "b"}}), "1mqafr5h2iu6dhh3k1m4vtnuhml2uiec4s7bntt1v0f25ao63i1n");
  EXPECT_EQ(devcontainer_id({{"devcontainer.local_folder", "/home/ada/web"},
                             {"devcontainer.config_file", "/home/ada/web/.devcontainer/devcontainer.json"}}),
            "0hvj9imuqfeko9aqas8gfpboc9jnq9gnp23io0crkgk9af055qgr");
}

TEST(Variables, BasenamesIgnoreATrailingSlash) {
  EXPECT_EQ(basename_of("/a/b/"), "b");
  EXPECT_EQ(basename_of("/a"), "a");
  EXPECT_EQ(basename_of("/"), "");
  EXPECT_EQ(basename_of("a"), "a");
}

}  // namespace
}  // namespace photon::spec

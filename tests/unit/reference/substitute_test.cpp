// Variables: the three passes, and what they leave alone.
#include "devenv/spec/reference/substitute.hpp"

#include "tests/unit/reference/build.hpp"

namespace photon::spec::reference {
namespace {

Result<std::string> local(std::string_view text, Value inside = "/workspaces/web") {
  LocalContext context;
  context.env = [](const std::string& name) -> std::optional<std::string> {
    if (name == "HOME") return "/home/ada";
    if (name == "EMPTY") return "";
    return std::nullopt;
  };
  context.local_folder = "/home/ada/web";
  context.container_folder = std::move(inside);
  context.config_name = "devcontainer.json";
  PHOTON_TRY(auto pass, local_pass(context));
  return substitute_text(text, pass);
}

TEST(Substitute, TakesVariablesBeforeThereIsAContainer) {
  const std::pair<const char*, const char*> cases[] = {
      {"${localEnv:HOME}/x ${env:HOME}", "/home/ada/x /home/ada"},
      {"${localEnv:NO}|${localEnv:NO:d}|${localEnv:NO:d:e}|${localEnv:EMPTY:d}", "|d|d|"},
      {"${localEnv:A:${localEnv:B}}", "${localEnv}"},
      {"$${localEnv:HOME}", "$/home/ada"},
      {"${ localEnv:HOME } ${LOCALENV:HOME} ${localEnv\n:HOME}",
       "${ localEnv:HOME } ${LOCALENV:HOME} ${localEnv\n:HOME}"},
      {"${localWorkspaceFolder:x} ${localWorkspaceFolderBasename}", "/home/ada/web web"},
      {"${containerWorkspaceFolder} ${containerWorkspaceFolderBasename}", "/workspaces/web web"},
      {"${devcontainerId} ${containerEnv:PATH} ${unknown} ${}",
       "${devcontainerId} ${containerEnv:PATH} ${unknown} ${}"},
      {"${", "${"},
      {"${a\n${localEnv:HOME}", "${a\n/home/ada"}};
  for (const auto& [text, expected] : cases) {
    auto done = local(text);
    ASSERT_TRUE(done) << text;
    EXPECT_EQ(*done, expected) << text;
  }
}

TEST(Substitute, AVariableWithoutANameIsAnError) {
  auto done = local("${localEnv}");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message,
            "'${localEnv}' in devcontainer.json can not be resolved because no environment variable name is "
            "given.");
}

TEST(Substitute, TheFolderInsideIsResolvedFirst) {
  EXPECT_EQ(*local("${containerWorkspaceFolder}", "${localEnv:HOME}/in"), "/home/ada/in");
  EXPECT_FALSE(local("x", 5));
  EXPECT_EQ(*local("${containerWorkspaceFolder}", Value()), "${containerWorkspaceFolder}");
}

TEST(Substitute, NamesAndOtherValuesStay) {
  auto pass = container_pass({{"A", "1"}}, "");
  auto done = substitute(
      json(R"({"${containerEnv:A}":["${containerEnv:A}",1,null,{"b":"${containerEnv:B:d}"}]})"), pass);
  ASSERT_TRUE(done);
  EXPECT_EQ(write(*done), R"({"${containerEnv:A}":["1",1,null,{"b":"d"}]})");
}

TEST(Substitute, TheIdFollowsFromTheLabels) {
  auto id = *substitute_text("${devcontainerId}", id_pass({{"a", "b"}}));
  EXPECT_EQ(id.size(), 52u);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdefghijklmnopqrstuv"), id.npos);
  EXPECT_NE(id, *substitute_text("${devcontainerId}", id_pass({{"a", "c"}})));
}

}  // namespace
}  // namespace photon::spec::reference

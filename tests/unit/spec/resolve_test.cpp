// Where the file is looked for, what the workspace is, what is refused, and what needs a rebuild.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/spec/inputs.hpp"

namespace photon::spec {
namespace {

TEST(Resolve, WithoutAFileGivesTheBaseImage) {
  auto resolved = World().resolve();
  ASSERT_TRUE(resolved) << sentence(resolved.error());
  EXPECT_EQ(resolved->plan.image, "");
  EXPECT_EQ(resolved->plan.config_file, "");
  EXPECT_EQ(resolved->plan.workspace_folder, "/workspaces/web");
  ASSERT_TRUE(resolved->plan.workspace_mount);
  EXPECT_EQ(resolved->plan.workspace_mount->source, "/home/ada/web");
}

TEST(Resolve, TheFolderOfThatNameComesFirst) {
  World world;
  world.files["/home/ada/web/.devcontainer.json"] = R"({"image": "second"})";
  world.files["/home/ada/web/.devcontainer/api/devcontainer.json"] = R"({"image": "third"})";
  EXPECT_EQ(world.resolve()->plan.image, "second");
  world.files["/home/ada/web/.devcontainer/devcontainer.json"] = R"({"image": "first"})";
  EXPECT_EQ(world.resolve()->plan.image, "first");
  world.inputs.config_path = ".devcontainer/api/devcontainer.json";
  EXPECT_EQ(world.resolve()->plan.image, "third");
  EXPECT_EQ(world.resolve()->plan.config_file, "/home/ada/web/.devcontainer/api/devcontainer.json");
}

TEST(Resolve, OneInASubFolderIsFound) {
  World world;
  world.files["/home/ada/web/.devcontainer/api/devcontainer.json"] = R"({"image": "third"})";
  EXPECT_EQ(world.resolve()->plan.image, "third");
  EXPECT_EQ(world.resolve()->plan.config_file, "/home/ada/web/.devcontainer/api/devcontainer.json");
}

TEST(Resolve, OfSeveralOneMustBeNamed) {
  World world;
  world.files["/home/ada/web/.devcontainer/web/devcontainer.json"] = R"({"image": "fourth"})";
  world.files["/home/ada/web/.devcontainer/api/devcontainer.json"] = R"({"image": "third"})";
  auto error = world.resolve();
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().code, "spec.choice");
  EXPECT_EQ(error.error().message,
            "the repository has 2 configurations: .devcontainer/api/devcontainer.json, "
            ".devcontainer/web/devcontainer.json");
  EXPECT_EQ(error.error().hint, "name one: devenv up --config .devcontainer/api/devcontainer.json");
  world.inputs.config_path = "web";
  EXPECT_EQ(world.resolve()->plan.image, "fourth");
}

TEST(Resolve, OneThatIsNotThereIsAnErrorThatNamesThose) {
  World world;
  world.files["/home/ada/web/.devcontainer/api/devcontainer.json"] = R"({"image": "third"})";
  world.inputs.config_path = "none";
  auto error = world.resolve();
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().kind, Kind::not_found);
  EXPECT_EQ(error.error().hint, "there is .devcontainer/api/devcontainer.json");
}

TEST(Resolve, APathIsNoVolume) {
  for (const char* name : {"../../etc", "a/b", ".hidden", "a b"}) {
    auto resolved =
        World(fmt::format(R"({{"image": "a", "mounts": ["source={},target=/x"]}})", name)).resolve();
    ASSERT_FALSE(resolved) << name;
    EXPECT_EQ(resolved.error().code, "spec.mount");
  }
}

TEST(Resolve, AMountOptionWithoutEffectIsReported) {
  auto resolved = World(R"({"image": "a", "mounts": ["source=v,target=/x,volume-nocopy=true",
                            "source=/b,target=/b,type=bind,consistency=cached"]})")
                      .resolve();
  ASSERT_TRUE(resolved);
  ASSERT_EQ(resolved->warnings.size(), 1u);
  EXPECT_EQ(resolved->warnings[0].message, "\"mounts\": the mount option \"volume-nocopy\" has no effect");
}

TEST(Resolve, HostRequirementsAreBytes) {
  auto plan =
      plan_of(R"({"hostRequirements": {"cpus": 4, "memory": "8gb", "storage": "1.5TB", "gpu": "optional"}})");
  EXPECT_EQ(plan.requirements, (HostRequirements{4, 8'000'000'000, 1'500'000'000'000, false}));
  EXPECT_TRUE(plan_of(R"({"hostRequirements": {"gpu": {"cores": 1000}}})").requirements.gpu);
}

TEST(Resolve, AttributesOfAPortByNumberNameOrRange) {
  auto plan = plan_of(R"({"portsAttributes": {"3000": {"label": "app"}, "db:5432": {"label": "database"},
                          "4000-4010": {"label": "some"}}, "otherPortsAttributes": {"label": "other"}})");
  EXPECT_EQ(attributes_of(plan, {"", 3000}).label, "app");
  EXPECT_EQ(attributes_of(plan, {"db", 5432}).label, "database");
  EXPECT_EQ(attributes_of(plan, {"", 5432}).label, "other");
  EXPECT_EQ(attributes_of(plan, {"", 4010}).label, "some");
  EXPECT_EQ(attributes_of(plan, {"", 4011}).label, "other");
}

TEST(Resolve, AFaultOfTheReaderIsHandedOn) {
  Inputs inputs;
  inputs.local_folder = "/x";
  inputs.read = [](const std::string&) -> Result<std::optional<std::string>> {
    return fail(Kind::denied, "system", "cannot read");
  };
  auto resolved = resolve(inputs);
  ASSERT_FALSE(resolved);
  EXPECT_EQ(resolved.error().kind, Kind::denied);
}

TEST(Resolve, ASubFolderMountsItsRepository) {
  World world(R"({"image": "a", "name": "${containerWorkspaceFolder}"})");
  world.inputs.git_root = "/home/ada";
  auto plan = world.resolve()->plan;
  EXPECT_EQ(plan.workspace_mount->source, "/home/ada");
  EXPECT_EQ(plan.workspace_mount->target, "/workspaces/ada");
  EXPECT_EQ(plan.workspace_folder, "/workspaces/ada/web");
  EXPECT_EQ(plan.name, "/workspaces/ada/web");
  world.inputs.git_root = "/home/ada/web";
  EXPECT_EQ(world.resolve()->plan.workspace_mount->source, "/home/ada/web");
}

TEST(Resolve, AWorkspaceFolderAloneLeavesTheMountAndWarns) {
  auto resolved = World(R"({"image": "a", "workspaceFolder": "/src"})").resolve();
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->plan.workspace_folder, "/src");
  EXPECT_EQ(resolved->plan.workspace_mount->target, "/workspaces/web");
  ASSERT_EQ(resolved->warnings.size(), 1u);
  EXPECT_EQ(resolved->warnings[0].message,
            "\"workspaceFolder\" is not below /workspaces/web, where the sources are mounted");
}

TEST(Resolve, AWorkspaceMountAloneGivesTheFolder) {
  auto plan = plan_of(R"({"workspaceMount": "type=bind,source=/a,target=/b"})");
  EXPECT_EQ(plan.workspace_folder, "/b");
  EXPECT_EQ(plan.workspace_mount->source, "/a");
}

struct Refusal {
  const char* text;
  const char* sentence;
  const char* hint;
};
TEST(Resolve, RefusesWithPlaceAndHint) {
  const Refusal rows[] = {
      {"[]", "1:1: the file must hold an object", "least"},
      {R"({"postCreatCommand": ""})", "1:2: unknown property \"postCreatCommand\"",
       "did you mean \"postCreateCommand\"? It would be ignored as it stands; --allow-unknown to go on."},
      {R"({"zzzzzzzz": 1})", "1:2: unknown property \"zzzzzzzz\"", "It would be ignored as it stands"},
      {R"({"image": 1})", "1:11: \"image\" must be a text", "\"image\": \"…\""},
      {R"({"init": "yes"})", "1:10: \"init\" must be true or false", ""},
      {R"({"mounts": "a"})", "1:12: \"mounts\" must be a list of mounts", "volume"},
      {R"({"mounts": ["source=a"]})", "1:13: \"mounts\": a mount without a target", "target=/data"},
      {R"({"mounts": ["source=a,target=b"]})", "1:13: \"mounts\": the target \"b\" is not absolute", ""},
      {R"({"mounts": ["type=bind,source=a,target=/b"]})",
       "1:13: \"mounts\": the source \"a\" of a bind mount is not absolute", "localWorkspaceFolder"},
      {R"({"mounts": ["type=nfs,target=/b"]})", "1:13: \"mounts\": there is no mount of type \"nfs\"",
       "tmpfs"},
      {R"({"mounts": [1]})", "1:13: \"mounts\" must be a mount", "volume"},
      {R"({"containerEnv": []})", "1:18: \"containerEnv\" must be an object of texts", "NAME"},
      {R"({"containerEnv": {"A": null}})", "1:24: \"containerEnv\" must be an object of texts", "remoteEnv"},
      {R"({"remoteEnv": {"A=B": ""}})", "1:16: \"A=B\" cannot name an environment variable", "="},
      {R"({"forwardPorts": [0]})", "1:19: \"forwardPorts\": \"0\" is no port", "65535"},
      {R"({"forwardPorts": ["db:70000"]})", "1:19: \"forwardPorts\": \"db:70000\" is no port", "65535"},
      {R"({"forwardPorts": [1.5]})", "1:19: \"forwardPorts\": \"1.5\" is no port", "65535"},
      {R"({"forwardPorts": 3000})", "1:18: \"forwardPorts\" must be a list of numbers and \"host:port\"",
       "3000"},
      {R"({"appPort": "53:53/udp"})", "1:13: \"53:53/udp\": only TCP ports can be published", ""},
      {R"({"appPort": [true]})", "1:14: \"appPort\" must be a port or a list of ports", "3000"},
      {R"({"waitFor": "postCreate"})", "1:13: \"waitFor\" cannot be \"postCreate\"", "CreateCommand"},
      {R"({"shutdownAction": "x"})", "1:20: \"shutdownAction\" cannot be \"x\"", "stopContainer"},
      {R"({"postCreateCommand": 1})",
       "1:23: \"postCreateCommand\" must be a text, a list of texts, or an object of those", "npm ci"},
      {R"({"postCreateCommand": ["a", 1]})", "1:29: \"postCreateCommand\" must be a list of texts", ""},
      {R"({"postCreateCommand": [""]})",
       "1:23: \"postCreateCommand\" must be a list whose first text names a program", ""},
      {R"({"portsAttributes": {"1": {"protocol": "ftp"}}})", "1:40: \"protocol\" cannot be \"ftp\"", "https"},
      {R"({"runArgs": "-it"})", "1:13: \"runArgs\" must be a list of texts", ""},
      {R"({"runArgs": ["--env"]})", "1:14: \"runArgs\": --env lacks the name of a variable", "NAME=value"},
      {R"({"workspaceFolder": "src"})", "1:21: \"workspaceFolder\" must be an absolute path", "/workspaces"},
      {R"({"dockerComposeFile": "compose.yml"})", "1:23: \"dockerComposeFile\" needs a \"service\"",
       "\"service\": \"app\""},
      {R"({"dockerComposeFile": [], "service": "app", "image": "a"})",
       "1:54: \"image\" and \"dockerComposeFile\" exclude each other", "keep one of them"},
      {R"({"dockerComposeFile": [1], "service": "app"})",
       "1:24: \"dockerComposeFile\" must be a list of texts", ""},
      {R"({"features": ["./x"]})", "1:14: \"features\" must be an object of features and their options",
       R"({"./tools": {"version": "2"}})"},
      {R"({"features": {"./x": null}})", "1:22: \"features\" must be an object of features and their options",
       ""},
      {R"({"features": {"./x": {"a": []}}})", "1:28: an option of \"./x\" must be a text, true or false", ""},
      {R"({"overrideFeatureInstallOrder": [1]})",
       "1:34: \"overrideFeatureInstallOrder\" must be a list of texts", ""},
  };
  for (const auto& row : rows) {
    auto resolved = World(row.text).resolve();
    ASSERT_FALSE(resolved) << row.text;
    EXPECT_EQ(sentence(resolved.error()), std::string(".devcontainer/devcontainer.json:") + row.sentence);
    EXPECT_THAT(resolved.error().hint, testing::HasSubstr(row.hint)) << row.text;
    EXPECT_EQ(resolved.error().kind, Kind::usage);
  }
}

TEST(Resolve, AllowUnknownTurnsRefusalsIntoWarnings) {
  World world(R"({"image": "a", "postCreatCommand": "x", "service": "web"})");
  world.inputs.allow_unknown = true;
  auto resolved = world.resolve();
  ASSERT_TRUE(resolved) << sentence(resolved.error());
  ASSERT_EQ(resolved->warnings.size(), 2u);
  EXPECT_EQ(resolved->warnings[0].message, "unknown property \"postCreatCommand\"");
  EXPECT_EQ(resolved->warnings[0].hint, "did you mean \"postCreateCommand\"? It is ignored.");
  EXPECT_EQ(resolved->warnings[1].message,
            "\"service\" and \"runServices\" have no effect without \"dockerComposeFile\"");
  EXPECT_EQ(resolved->plan.image, "a");
}

TEST(Resolve, AComposeProjectHasFilesAndAService) {
  World world(
      R"({"dockerComposeFile": ["../compose.yml", "over.yml"], "service": "app", "runServices": ["db"],
    "workspaceMount": "", "runArgs": ["--init"], "shutdownAction": "stopCompose"})");
  auto resolved = world.resolve();
  ASSERT_TRUE(resolved) << sentence(resolved.error());
  const auto& plan = resolved->plan;
  ASSERT_TRUE(plan.compose);
  EXPECT_THAT(plan.compose->files,
              testing::ElementsAre("/home/ada/web/compose.yml", "/home/ada/web/.devcontainer/over.yml"));
  EXPECT_EQ(plan.compose->service, "app");
  EXPECT_THAT(plan.compose->run_services, testing::ElementsAre("db"));
  EXPECT_EQ(plan.workspace_folder, "/");
  EXPECT_FALSE(plan.workspace_mount);
  EXPECT_FALSE(plan.override_command) << "the service's own command runs";
  EXPECT_EQ(resolved->warnings.size(), 2U) << "workspaceMount and runArgs have no effect";
  auto again = plan_from_json(to_json(plan));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, plan);
  auto other = plan_of(R"({"dockerComposeFile": "a.yml", "service": "app", "workspaceFolder": "/w",
    "overrideCommand": true})");
  EXPECT_EQ(other.workspace_folder, "/w");
  EXPECT_TRUE(other.override_command);
  EXPECT_NE(other.hash, plan.hash);
  EXPECT_TRUE(plan_of(R"({"dockerComposeFile": [], "service": "app"})").compose->files.empty());
}

TEST(Resolve, TheHashChangesWithWhatTheContainerIsMadeFrom) {
  auto base = plan_of(R"({"image": "a"})").hash;
  EXPECT_EQ(base.size(), 64u);
  for (const auto* text :
       {R"({"image": "b"})", R"({"image": "a", "init": true})",
        R"({"image": "a", "containerEnv": {"A": "1"}})", R"({"image": "a", "remoteUser": "u"})",
        R"({"image": "a", "postCreateCommand": "x"})", R"({"image": "a", "capAdd": ["X"]})",
        R"({"image": "a", "mounts": ["source=a,target=/b"]})",
        R"({"image": "a", "runArgs": ["--hostname=h"]})"})
    EXPECT_NE(plan_of(text).hash, base) << text;
  for (const auto* text :
       {R"({"image": "a", "name": "n"})", R"({"image": "a", "forwardPorts": [1]})",
        R"({"image": "a", "postStartCommand": "x"})", R"({"image": "a", "remoteEnv": {"A": "1"}})",
        R"({"image": "a", "customizations": {"x": 1}})"})
    EXPECT_EQ(plan_of(text).hash, base) << text;
}

TEST(Resolve, InTheContainerTheLastVariablesAreKnown) {
  auto plan = plan_of(R"({"remoteEnv": {"PATH": "${containerEnv:PATH}:/x", "GONE": null},
    "initializeCommand": "${containerEnv:PATH}", "postCreateCommand": ["echo", "${containerEnv:NO:none}"],
    "workspaceMount": "", "workspaceFolder": "${containerEnv:HOME}/src"})");
  plan = resolve_in_container(plan, {{"PATH", "/bin"}, {"HOME", "/root"}});
  EXPECT_EQ(plan.remote_env[0].second, "/bin:/x");
  EXPECT_EQ(plan.remote_env[1].second, std::nullopt);
  EXPECT_EQ(plan.hooks[Stage::post_create][0][0].argv[1], "none");
  EXPECT_EQ(plan.hooks[Stage::initialize][0][0].shell, "${containerEnv:PATH}");
  EXPECT_EQ(plan.workspace_folder, "/root/src");
}

TEST(Resolve, SecretsThatAreDeclaredAreInTheirOrderAndNeedNoRebuild) {
  auto plan = World(R"({"image": "i", "secrets": {"B": {"description": "d", "documentationUrl": "https://u"},
                        "A": {}}})")
                  .resolve();
  ASSERT_TRUE(plan) << sentence(plan.error());
  EXPECT_THAT(plan->plan.secrets,
              testing::ElementsAre(DeclaredSecret{"B", "d", "https://u"}, DeclaredSecret{"A", "", ""}));
  EXPECT_THAT(plan->warnings, testing::IsEmpty());
  EXPECT_EQ(plan->plan.hash, World(R"({"image": "i"})").resolve()->plan.hash);
}

TEST(Resolve, ASecretHasAVariablesNameAndTextsAboutIt) {
  for (const auto* wrong :
       {R"({"secrets": {"A-B": {}}})", R"({"secrets": {"": {}}})", R"({"secrets": {"9A": {}}})",
        R"({"secrets": {"A\u001b": {}}})", R"({"secrets": []})", R"({"secrets": {"A": "text"}})",
        R"({"secrets": {"A": {"description": 7}}})"}) {
    auto resolved = World(wrong).resolve();
    ASSERT_FALSE(resolved) << wrong;
    EXPECT_EQ(resolved.error().code, "spec.type") << wrong;
    EXPECT_EQ(resolved.error().where->line, 1U) << wrong;
  }
  auto other = World(R"({"secrets": {"A": {"descripton": "d"}}})").resolve();
  ASSERT_TRUE(other);
  ASSERT_EQ(other->warnings.size(), 1U);
  EXPECT_EQ(other->warnings[0].message, "\"secrets\": \"descripton\" is not understood");
}

}  // namespace
}  // namespace photon::spec

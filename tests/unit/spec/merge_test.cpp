// The image's label below the file, property by property.
#include <gtest/gtest.h>
#include <boost/json/array.hpp>

#include "tests/unit/spec/inputs.hpp"

namespace photon::spec {
namespace {

std::vector<Warning> warnings;

Plan merged(const std::string& file, const std::string& label) {
  warnings.clear();
  auto plan =
      merge_image_metadata(plan_of(file), label, [](const std::string&) { return "local"; }, warnings);
  EXPECT_TRUE(plan);
  return plan ? *plan : Plan();
}

TEST(Merge, WithoutALabelNothingChanges) {
  auto plan = plan_of(R"({"image": "a", "init": true})");
  EXPECT_EQ(merged(R"({"image": "a", "init": true})", ""), plan);
  EXPECT_EQ(merged(R"({"image": "a", "init": true})", "[]"), plan);
}

TEST(Merge, TheLastValueWinsUnlessItIsEmpty) {
  auto label =
      R"([{"remoteUser": "one", "userEnvProbe": "none", "overrideCommand": false, "waitFor": "postStartCommand"},
                   {"remoteUser": "two", "containerUser": "c", "updateRemoteUserUID": false}])";
  auto plan = merged(R"({"remoteUser": ""})", label);
  EXPECT_EQ(plan.remote_user, "two");
  EXPECT_EQ(plan.container_user, "c");
  EXPECT_EQ(plan.user_env_probe, "none");
  EXPECT_FALSE(plan.override_command);
  EXPECT_FALSE(plan.update_remote_user_uid);
  EXPECT_EQ(plan.wait_for, Stage::post_start);
  plan = merged(R"({"remoteUser": "mine", "userEnvProbe": "loginShell", "overrideCommand": true,
                    "waitFor": "updateContentCommand", "updateRemoteUserUID": true})",
                label);
  EXPECT_EQ(plan.remote_user, "mine");
  EXPECT_EQ(plan.user_env_probe, "loginShell");
  EXPECT_TRUE(plan.override_command);
  EXPECT_TRUE(plan.update_remote_user_uid);
  EXPECT_EQ(plan.wait_for, Stage::update_content);
}

TEST(Merge, InitAndPrivilegedAreTrueOnceOneIs) {
  auto plan = merged(R"({"init": false})", R"({"init": true, "privileged": true})");
  EXPECT_TRUE(plan.init);
  EXPECT_TRUE(plan.privileged);
}

TEST(Merge, ListsAreUnionsInTheOrderOfTheirFirstPlace) {
  auto plan = merged(R"({"capAdd": ["B", "C"], "securityOpt": ["x"], "forwardPorts": [2, 3]})",
                     R"([{"capAdd": ["A", "B"], "securityOpt": "x", "forwardPorts": [1, 2]}])");
  EXPECT_EQ(plan.cap_add, (std::vector<std::string>{"A", "B", "C"}));
  EXPECT_EQ(plan.security_opt, (std::vector<std::string>{"x"}));
  EXPECT_EQ(plan.forward_ports, (std::vector<ForwardPort>{{"", 1}, {"", 2}, {"", 3}}));
}

TEST(Merge, TheLastMountOfATargetKeepsItsOwnPlace) {
  auto plan = merged(R"({"mounts": ["source=mine,target=/a"]})",
                     R"([{"mounts": ["source=x,target=/a", "source=y,dst=/b"]}])");
  ASSERT_EQ(plan.mounts.size(), 2u);
  EXPECT_EQ(plan.mounts[0].source, "y");
  EXPECT_EQ(plan.mounts[1].source, "mine");
}

TEST(Merge, VariablesAndPortsAreByName) {
  auto plan = merged(R"({"containerEnv": {"A": "mine"}, "remoteEnv": {"R": null},
                         "portsAttributes": {"1": {"label": "mine"}}})",
                     R"([{"containerEnv": {"A": "x", "B": "${localEnv:ANY}"}, "remoteEnv": {"R": "x"},
                          "portsAttributes": {"1": {"label": "x", "protocol": "http"}, "2": {"label": "two"}}}])");
  EXPECT_EQ(plan.container_env,
            (std::vector<std::pair<std::string, std::string>>{{"A", "mine"}, {"B", "local"}}));
  EXPECT_EQ(plan.remote_env[0].second, std::nullopt);
  EXPECT_EQ(plan.port_attributes["1"], (PortAttributes{"mine", "", "", false}));
  EXPECT_EQ(plan.port_attributes["2"].label, "two");
}

TEST(Merge, HooksOfTheImageRunFirst) {
  auto plan = merged(
      R"({"postCreateCommand": "mine"})",
      R"([{"postCreateCommand": "one"}, {"postCreateCommand": ["two"], "initializeCommand": "never"}])");
  const auto& hooks = plan.hooks[Stage::post_create];
  ASSERT_EQ(hooks.size(), 3u);
  EXPECT_EQ(hooks[0][0].shell, "one");
  EXPECT_EQ(hooks[1][0].argv, std::vector<std::string>{"two"});
  EXPECT_EQ(hooks[2][0].shell, "mine");
  EXPECT_FALSE(plan.hooks.contains(Stage::initialize));
}

TEST(Merge, CustomizationsAndEntrypointsAreLists) {
  auto plan = merged(R"({"customizations": {"vscode": {"a": 1}}})",
                     R"([{"id": "f", "entrypoint": "/start.sh", "customizations": {"vscode": {"b": 2}}}])");
  EXPECT_EQ(write_json(plan.customizations), R"({"vscode":[{"b":2},{"a":1}]})");
  EXPECT_EQ(plan.entrypoints, std::vector<std::string>{"/start.sh"});
}

TEST(Merge, TheFileAloneNamesImageAndWorkspace) {
  auto plan = merged(
      R"({"image": "a", "workspaceMount": ""})",
      R"([{"image": "b", "name": "x", "runArgs": ["--privileged"], "unknown": 1, "workspaceFolder": "/x"}])");
  EXPECT_EQ(plan.image, "a");
  EXPECT_EQ(plan.name, "");
  EXPECT_FALSE(plan.privileged);
  EXPECT_FALSE(plan.workspace_mount);
  EXPECT_TRUE(warnings.empty());
}

TEST(Merge, ABrokenLabelIsAWarning) {
  auto plan = merged(R"({"image": "a"})", "[{,");
  EXPECT_EQ(plan.image, "a");
  ASSERT_EQ(warnings.size(), 1u);
  plan = merged(R"({"image": "a"})", R"([{"init": "yes", "capAdd": ["A"]}, 7, {"name": "${localEnv}"}])");
  EXPECT_FALSE(plan.init);
  EXPECT_EQ(plan.cap_add, std::vector<std::string>{"A"});
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_EQ(warnings[0].message, "\"init\" must be true or false");
}

TEST(Merge, FeaturesStandBetweenTheLabelAndTheFile) {
  warnings.clear();
  auto plan = merge_metadata(
      plan_of(R"({"image": "a", "features": {"./f": {}}, "capAdd": ["FILE"], "postCreateCommand": "file",
                  "mounts": ["source=file,target=/file", "source=own,target=/shared"]})"),
      {{"the label", R"([{"capAdd": ["LABEL"], "postCreateCommand": "label", "remoteUser": "dev"}])"},
       {"the feature ./f", R"({"capAdd": "FEATURE", "postCreateCommand": "feature", "privileged": true,
                               "mounts": [{"type": "volume", "source": "v-${devcontainerId}", "target": "/shared"},
                                          {"source": "s-${localEnv:HOME}", "target": "/f", "type": "volume"}]})"},
       {"the feature ./g", R"({"init": "yes"})"}},
      [](const std::string&) { return "local"; }, warnings);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->cap_add, (std::vector<std::string>{"LABEL", "FEATURE", "FILE"}));
  ASSERT_EQ(plan->hooks[Stage::post_create].size(), 3u);
  EXPECT_EQ(plan->hooks[Stage::post_create][1][0].shell, "feature");
  EXPECT_TRUE(plan->privileged);
  EXPECT_EQ(plan->remote_user, "dev");
  ASSERT_EQ(plan->mounts.size(), 3u);
  EXPECT_EQ(plan->mounts[0].source, "s-local");
  EXPECT_EQ(plan->mounts[2].source, "own") << "the file's own wins for a target";
  ASSERT_EQ(plan->features.size(), 1u) << "what is asked for stays known";
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].where.file, "the feature ./g");
}

TEST(Merge, TheHashFollows) {
  EXPECT_NE(merged(R"({"image": "a"})", R"([{"init": true}])").hash, plan_of(R"({"image": "a"})").hash);
}

}  // namespace
}  // namespace photon::spec

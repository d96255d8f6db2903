// The command lines of up, exec and run-user-commands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "devenv/devcontainer/container_options.hpp"

namespace photon::devcontainer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Words = std::vector<std::string>;
constexpr auto up = ContainerCommand::up;
constexpr auto exec = ContainerCommand::exec;
constexpr auto commands = ContainerCommand::run_user_commands;

ContainerOptions taken(ContainerCommand command, const Words& words) {
  auto parsed = parse_container_options(command, words);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed.value_or(ContainerOptions());
}

std::string fault_of(ContainerCommand command, const Words& words) {
  auto parsed = parse_container_options(command, words);
  return parsed ? "" : parsed.error().message;
}

TEST(ContainerOptions, OfBuild) {
  auto made = taken(ContainerCommand::build, {"--image-name", "a:1", "--image-name=b", "--label", "x=y",
                                              "--no-cache", "--push", "false", "--platform", "linux/amd64",
                                              "--cache-from", "c", "somewhere", "--no-lockfile"});
  EXPECT_THAT(made.image_names, ElementsAre("a:1", "b"));
  EXPECT_THAT(made.labels, ElementsAre("x=y"));
  EXPECT_TRUE(made.anew);
  EXPECT_FALSE(made.push);
  EXPECT_EQ(made.lock, "none");
  EXPECT_EQ(made.read.workspace_folder, ".");
  EXPECT_THAT(made.without_effect, testing::UnorderedElementsAre("cache-from", "somewhere"));
  EXPECT_THAT(fault_of(ContainerCommand::build, {"a", "b"}), HasSubstr("Unknown argument: b"));
}

TEST(ContainerOptions, OfSetUp) {
  auto made = taken(ContainerCommand::set_up, {"--container-id", "c", "--config", "f.json"});
  EXPECT_EQ(made.read.container_id, "c");
  EXPECT_FALSE(made.read.workspace_folder);
  EXPECT_THAT(fault_of(ContainerCommand::set_up, {"--config", "f.json"}),
              HasSubstr("Missing required argument: container-id"));
}

TEST(ContainerOptions, OfUp) {
  auto made = taken(up, {"--workspace-folder", "/w", "--mount", "type=bind,source=/a,target=/b", "--mount",
                         "type=volume,source=v,target=/v,external=true", "--remote-env", "A=b=c",
                         "--remote-env=B=", "--id-label", "x=y", "--prebuild", "--frozen-lockfile",
                         "--update-remote-user-uid-default", "never", "--include-merged-configuration"});
  EXPECT_EQ(made.read.workspace_folder, "/w");
  EXPECT_THAT(made.mounts, ElementsAre("type=bind,source=/a,target=/b", "type=volume,source=v,target=/v"));
  EXPECT_THAT(made.remote_env, ElementsAre("A=b=c", "B="));
  EXPECT_THAT(made.read.id_labels, ElementsAre("x=y"));
  EXPECT_TRUE(made.prebuild);
  EXPECT_EQ(made.lock, "frozen");
  EXPECT_EQ(made.update_uid, "never");
  EXPECT_TRUE(made.read.include_merged);
  EXPECT_FALSE(made.include_configuration);
  EXPECT_THAT(made.without_effect, IsEmpty());
}

TEST(ContainerOptions, TheCurrentFolderIsMeantIfNothingElseIs) {
  EXPECT_EQ(taken(up, {}).read.workspace_folder, ".");
  EXPECT_FALSE(taken(up, {"--override-config", "x"}).read.workspace_folder);
  EXPECT_FALSE(taken(exec, {"--container-id", "x", "true"}).read.workspace_folder);
  EXPECT_FALSE(taken(commands, {"--id-label", "a=b"}).read.workspace_folder);
  EXPECT_EQ(taken(exec, {"--override-config", "x", "true"}).read.workspace_folder, ".");
}

TEST(ContainerOptions, ThoseOfExecEndAtTheFirstOtherWord) {
  auto made = taken(exec, {"--workspace-folder", "/w", "ls", "--workspace-folder", "/x", "--", "-l"});
  EXPECT_EQ(made.read.workspace_folder, "/w");
  EXPECT_THAT(made.command, ElementsAre("ls", "--workspace-folder", "/x", "--", "-l"));
  EXPECT_THAT(taken(exec, {"--", "--help"}).command, ElementsAre("--help"));
  EXPECT_THAT(taken(exec, {"--log-level", "trace", "-"}).command, ElementsAre("-"));
  EXPECT_TRUE(taken(exec, {"--help"}).help);
  EXPECT_FALSE(taken(exec, {"x", "--help"}).help);
}

TEST(ContainerOptions, WhatDoesNothingIsNamed) {
  EXPECT_THAT(
      taken(up, {"--cache-from", "x", "--build-no-cache", "--container-data-folder", "/d"}).without_effect,
      ElementsAre("container-data-folder", "build-no-cache", "cache-from"));
  EXPECT_THAT(taken(up, {"--build-no-cache", "false"}).without_effect, IsEmpty());
}

TEST(ContainerOptions, FaultsAreToldInTheWordsOfTheReference) {
  EXPECT_EQ(fault_of(up, {"--remote-env", "none"}),
            "Unmatched argument format: remote-env must match <name>=<value>");
  EXPECT_EQ(fault_of(exec, {"--remote-env", "=x", "true"}),
            "Unmatched argument format: remote-env must match <name>=<value>");
  for (const char* mount : {"x", "type=tmpfs,source=a,target=b", "source=a,target=b,type=bind",
                            "type=bind,source=,target=b", "type=bind,source=a,target=b,external=yes"})
    EXPECT_THAT(fault_of(up, {"--mount", mount}), HasSubstr("mount must match")) << mount;
  EXPECT_EQ(fault_of(up, {"--no-lockfile", "--frozen-lockfile"}),
            "--no-lockfile and --frozen-lockfile are mutually exclusive.");
  EXPECT_THAT(fault_of(commands, {"--mount", "type=bind,source=a,target=b"}), HasSubstr("Unknown argument"));
  EXPECT_THAT(fault_of(up, {"--default-user-env-probe", "x"}), HasSubstr("Choices"));
  EXPECT_THAT(fault_of(up, {"--config", "a", "--config", "b"}), HasSubstr("2 times"));
}

}  // namespace
}  // namespace photon::devcontainer

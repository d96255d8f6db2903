// Where the sources are mounted, and what the container calls its folder.
#include "tests/unit/reference/build.hpp"

namespace photon::spec::reference {
namespace {

std::string workspace_of(Machine machine, const std::string& config, ReadOptions options = {}) {
  machine.files[config_file] = config;
  if (!options.workspace_folder) options.workspace_folder = "web";
  auto answer = read_configuration(options, machine.world());
  return answer ? write(answer->at("workspace")) : "error: " + answer.error().message;
}

constexpr const char* usual =
    R"({"workspaceFolder":"/workspaces/web","workspaceMount":"type=bind,source=/home/ada/web,target=/workspaces/web"})";

TEST(Workspace, IsTheFolder) { EXPECT_EQ(workspace_of({}, "{}"), usual); }

TEST(Workspace, IsTheRepositoryWithTheFolderInIt) {
  Machine machine;
  machine.way_to_root = "../";
  const char* whole =
      R"({"workspaceFolder":"/workspaces/ada/web","workspaceMount":"type=bind,source=/home/ada,target=/workspaces/ada"})";
  EXPECT_EQ(workspace_of(machine, "{}"), whole);
  EXPECT_EQ(workspace_of(machine, "{}", {.mount_git_root = false}), usual);
}

TEST(Workspace, WhatTheFileSaysBeatsIt) {
  EXPECT_EQ(
      workspace_of({}, R"({"workspaceFolder":"/w"})"),
      R"({"workspaceFolder":"/w","workspaceMount":"type=bind,source=/home/ada/web,target=/workspaces/web"})");
  EXPECT_EQ(workspace_of({}, R"({"workspaceFolder":"/w","workspaceMount":""})"),
            R"({"workspaceFolder":"/w","workspaceMount":""})");
  EXPECT_EQ(workspace_of({}, R"({"workspaceMount":"source=${localWorkspaceFolder}"})"),
            R"({"workspaceFolder":"/workspaces/web","workspaceMount":"source=/home/ada/web"})");
  EXPECT_EQ(workspace_of({}, R"({"workspaceFolder":null})"), usual);
  EXPECT_EQ(workspace_of({}, R"({"workspaceFolder":5})"),
            "error: TypeError: value.replace is not a function");
}

TEST(Workspace, OfComposeIsTheRoot) {
  EXPECT_EQ(workspace_of({}, R"({"dockerComposeFile":"c.yml","workspaceMount":"x"})"),
            R"({"workspaceFolder":"/","workspaceMount":"x"})");
}

TEST(Workspace, ACommaIsQuoted) {
  Machine machine;
  machine.files["/home/ada/a,b/.devcontainer.json"] = "{}";
  auto answer = read_configuration({.workspace_folder = "a,b"}, machine.world());
  ASSERT_TRUE(answer);
  EXPECT_EQ(*answer->at("workspace").at("workspaceMount").text(),
            R"(type=bind,"source=/home/ada/a,b","target=/workspaces/a,b")");
}

TEST(Workspace, AWorktreeGetsItsCommonFolder) {
  Machine machine;
  machine.way_to_root = "";
  machine.files["/home/ada/web/.git"] = "gitdir: ../main/.git/worktrees/web\n";
  ReadOptions options{.mount_worktree_common_dir = true};
  EXPECT_EQ(
      workspace_of(machine, "{}", options),
      R"({"workspaceFolder":"/workspaces/web","workspaceMount":"type=bind,source=/home/ada/web,target=/workspaces/web",)"
      R"("additionalMountString":"type=bind,source=/home/ada/main/.git,target=/workspaces/main/.git"})");
  machine.files["/home/ada/web/.git"] = "gitdir: /home/ada/main/.git/worktrees/web\n";
  EXPECT_EQ(workspace_of(machine, "{}", options), usual);
}

}  // namespace
}  // namespace photon::spec::reference

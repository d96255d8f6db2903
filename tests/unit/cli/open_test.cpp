// `devenv open` with stand-ins in PATH that write down how they were called.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "devenv/api/wire/wire.hpp"
#include "devenv/core/process.hpp"
#include "tests/fixtures/temp_folder.hpp"
#include "tests/unit/cli/fake_daemon.hpp"

namespace photon::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Open : public testing::Test {
 protected:
  Open() {
    for (const char* folder : {"/run", "/bin", "/config"}) EXPECT_TRUE(make_directories(base_ + folder));
    daemon_.emplace(base_ + "/run/api.sock");
    wire::Environment web;
    web.name = "web";
    web.state = "running";
    web.workspace = "/workspaces/my web";
    web.ports = {{.port = 8080, .local = 18080, .forwarded = false},
                 {.port = 3000, .local = 13000, .forwarded = true, .protocol = "https"}};
    daemon_->answers("GET /v1/environments/web", to_json(web));
    know_ssh();
  }
  /// As after `devenv ssh-config --write`.
  void know_ssh() { EXPECT_TRUE(write_file(base_ + "/config/ssh_config", "Host web.devenv\n")); }

  /// An executable that writes its words down, one a line.
  void stand_in(const std::string& name) {
    EXPECT_TRUE(
        write_file(base_ + "/bin/" + name,
                   fmt::format("#!/bin/sh\n{{ for word; do printf '%s\\n' \"$word\"; done; }} >{0}/said.new\n"
                               "/bin/mv {0}/said.new {0}/said-{1}\n",
                               base_, name),
                   0755));
  }
  Output open(std::vector<std::string> words) {
    words.insert(words.begin(), {PHOTON_BUILD_DIR "/bin/devenv", "open", "web"});
    return run({.argv = words,
                .environment =
                    std::map<std::string, std::string>{
                        {"PATH", base_ + "/bin"}, {"DEVENV_HOME", base_}, {"HOME", base_}}})
        .value();
  }
  /// What the stand-in of that name was given; it runs beside us.
  std::string said(const std::string& name) {
    for (int i = 0; i < 1000; ++i) {
      if (auto text = read_file(base_ + "/said-" + name)) return *text;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return "nothing was started";
  }

  fixtures::TempFolder folder_;
  std::string base_ = folder_.path;
  std::optional<FakeDaemon> daemon_;
};

TEST_F(Open, CodeGetsTheRemoteFolder) {
  stand_in("code");
  auto output = open({"--with", "code"});
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(said("code"), "--folder-uri\nvscode-remote://ssh-remote+web.devenv/workspaces/my%20web\n");
}

TEST_F(Open, EachEditorIsCalledByItsOwnNameAndForm) {
  stand_in("codium");
  stand_in("zeditor");
  stand_in("jetbrains-gateway");
  EXPECT_EQ(open({"--with", "code"}).status, 0);
  EXPECT_EQ(said("codium"), "--folder-uri\nvscode-remote://ssh-remote+web.devenv/workspaces/my%20web\n");
  EXPECT_EQ(open({"--with", "zed"}).status, 0);
  EXPECT_EQ(said("zeditor"), "ssh://web@web.devenv/workspaces/my%20web\n");
  EXPECT_EQ(open({"--with", "jetbrains"}).status, 0);
  EXPECT_EQ(said("jetbrains-gateway"),
            "jetbrains-gateway://connect#type=ssh&host=web.devenv&port=22&user=web&projectPath=/workspaces/"
            "my%20web\n");
}

TEST_F(Open, TheBrowserGetsTheFirstForwardedPort) {
  stand_in("xdg-open");
  EXPECT_EQ(open({"--with", "browser"}).status, 0);
  EXPECT_EQ(said("xdg-open"), "https://127.0.0.1:13000/\n");
}

TEST_F(Open, WithoutAWordTheFirstInstalledOneIsTaken) {
  stand_in("zed");
  stand_in("xdg-open");
  auto output = open({});
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(output.out, "zed ssh://web@web.devenv/workspaces/my%20web\n");
  EXPECT_EQ(said("zed"), "ssh://web@web.devenv/workspaces/my%20web\n");
}

TEST_F(Open, WhatIsNotInstalledIsSaidWithWhatToDo) {
  stand_in("code");
  auto output = open({"--with", "zed"});
  EXPECT_EQ(output.status, 3);
  EXPECT_EQ(output.err, "devenv: zed is not installed here\n  install Zed and have it in PATH\n");
  output = open({"--with", "jetbrain"});
  EXPECT_EQ(output.status, 2);
  EXPECT_THAT(output.err, HasSubstr("did you mean jetbrains?"));
  ASSERT_EQ(::unlink((base_ + "/bin/code").c_str()), 0);
  output = open({});
  EXPECT_EQ(output.status, 3);
  EXPECT_THAT(output.err, HasSubstr("none of code, jetbrains, zed and xdg-open is installed here"));
}

TEST_F(Open, EditorsNeedTheConfigurationOfSshAndTheBrowserDoesNot) {
  stand_in("code");
  stand_in("xdg-open");
  ASSERT_EQ(::unlink((base_ + "/config/ssh_config").c_str()), 0);
  auto output = open({"--with", "code"});
  EXPECT_EQ(output.status, 4);
  EXPECT_EQ(output.err, "devenv: ssh does not know web.devenv yet\n  devenv ssh-config --write\n");
  EXPECT_EQ(open({"--with", "browser"}).status, 0);
}

TEST_F(Open, DryRunStartsNothing) {
  stand_in("code");
  auto output = open({"--with", "code", "--dry-run", "--json"});
  EXPECT_EQ(output.status, 0);
  auto answer = parse_json(output.out, "the answer");
  ASSERT_TRUE(answer) << output.out;
  EXPECT_FALSE(flag_or(*answer, "started", true));
  EXPECT_FALSE(read_file(base_ + "/said-code"));
}

}  // namespace
}  // namespace photon::test

// The completions in the shells themselves: what a person gets who presses Tab.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "devenv/api/wire/wire.hpp"
#include "devenv/core/process.hpp"
#include "tests/fixtures/temp_folder.hpp"
#include "tests/unit/cli/fake_daemon.hpp"
#include "tests/unit/cli/pseudo_terminal.hpp"

namespace photon::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Shells : public testing::Test {
 protected:
  Shells() {
    for (const char* folder : {"/run", "/home", "/functions"}) (void)make_directories(base_ + folder);
    daemon_.emplace(base_ + "/run/api.sock");
    json::array all;
    for (const char* name : {"web", "website", "api"}) {
      wire::Environment one;
      one.name = name;
      all.push_back(to_json(one));
    }
    daemon_->answers("GET /v1/environments", all);
    wire::Image image;
    image.name = "debian.example.org/library/debian:12";
    daemon_->answers("GET /v1/images", json::array{to_json(image)});
  }

  std::map<std::string, std::string> variables() const {
    return {{"PATH", PHOTON_BUILD_DIR "/bin:/usr/bin:/bin"},
            {"DEVENV_HOME", base_},
            {"HOME", base_ + "/home"},
            {"TERM", "xterm"},
            {"LC_ALL", "C.UTF-8"}};
  }
  /// The script as `devenv completion SHELL` prints it, in a file.
  std::string script(const std::string& shell, const std::string& name) {
    auto printed =
        run({.argv = {PHOTON_BUILD_DIR "/bin/devenv", "completion", shell}, .environment = variables()});
    auto path = base_ + "/functions/" + name;
    if (!printed || printed->out.empty() || !write_file(path, printed->out)) std::abort();
    return path;
  }
  std::vector<std::string> environment() {
    lines_.clear();
    for (const auto& [name, value] : variables()) lines_.push_back(name + "=" + value);
    lines_.emplace_back("PS1=$ ");
    return lines_;
  }
  /// What the line becomes when Tab is pressed at its end: Ctrl-T prints it and clears it.
  static void becomes(PseudoTerminal& shell, const std::string& typed, const std::string& wanted) {
    shell.type(typed + "\t\x14");
    EXPECT_TRUE(shell.shows("<" + wanted + ">")) << "after " << typed << ":\n" << shell.screen();
  }

  fixtures::TempFolder folder_;
  std::string base_ = folder_.path;
  std::vector<std::string> lines_;  // putenv() keeps pointers into it
  std::optional<FakeDaemon> daemon_;
};

TEST_F(Shells, BashCompletesCommandsOptionsNamesAndValues) {
  auto path = script("bash", "devenv");
  PseudoTerminal shell({"/bin/bash", "--norc", "--noprofile", "-i"}, {100, environment()});
  shell.type("source " + path +
             R"sh(; bind -x '"\C-t": echo "<$READLINE_LINE>"; READLINE_LINE='; echo here-we-are)sh"
             "\n");
  ASSERT_TRUE(shell.shows("\nhere-we-are"));
  becomes(shell, "devenv reb", "devenv rebuild ");
  becomes(shell, "devenv ssh ap", "devenv ssh api ");
  becomes(shell, "devenv stop w", "devenv stop web");
  becomes(shell, "devenv image rm d", "devenv image rm debian.example.org/library/debian:12 ");
  becomes(shell, "devenv up --allow", "devenv up --allow-unknown ");
  becomes(shell, "devenv open web --with z", "devenv open web --with zed ");
  becomes(shell, "devenv prebuild --rec", "devenv prebuild --recreate ");
  becomes(shell, "devenv prebuild rm --verb", "devenv prebuild rm --verbose ");
  shell.type("exit\n");
  EXPECT_EQ(shell.status(), 0);
}

TEST_F(Shells, ZshCompletesCommandsOptionsNamesAndValues) {
  (void)script("zsh", "_devenv");
  PseudoTerminal shell({"/bin/zsh", "-f", "-i"}, {100, environment()});
  shell.type("fpath=(" + base_ + "/functions $fpath); autoload -U compinit; compinit -u -D\n");
  shell.type(
      "show() { zle -I; print -r -- \"<$BUFFER>\"; BUFFER= }; zle -N show; bindkey '^T' show; echo "
      "here-we-are\n");
  ASSERT_TRUE(shell.shows("\nhere-we-are")) << shell.screen();
  becomes(shell, "devenv reb", "devenv rebuild ");
  becomes(shell, "devenv ssh ap", "devenv ssh api ");
  becomes(shell, "devenv stop w", "devenv stop web");
  becomes(shell, "devenv image rm d", "devenv image rm debian.example.org/library/debian:12 ");
  becomes(shell, "devenv up --allow", "devenv up --allow-unknown ");
  becomes(shell, "devenv open web --with z", "devenv open web --with zed ");
  becomes(shell, "devenv prebuild --rec", "devenv prebuild --recreate ");
  becomes(shell, "devenv prebuild rm --verb", "devenv prebuild rm --verbose ");
  shell.type("exit\n");
  EXPECT_EQ(shell.status(), 0);
}

TEST_F(Shells, FishCompletesCommandsOptionsNamesAndValues) {
  auto path = script("fish", "devenv.fish");
  auto offers = [&](const std::string& line) {
    auto done = run({.argv = {"/usr/bin/fish", "--no-config", "-c",
                              fmt::format("source {}; complete -C '{}'", path, line)},
                     .environment = variables()});
    return done ? done->out + done->err : std::string("no fish");
  };
  EXPECT_EQ(offers("devenv reb"), "rebuild\tmake an environment's container anew, keeping its work\n");
  EXPECT_EQ(offers("devenv ssh ap"), "api\n");
  EXPECT_EQ(offers("devenv stop w"), "web\nwebsite\n");
  EXPECT_EQ(offers("devenv image rm d"), "debian.example.org/library/debian:12\n");
  EXPECT_THAT(offers("devenv up --allow"), HasSubstr("--allow-unknown\t"));
  EXPECT_THAT(offers("devenv open web --with z"), StartsWith("zed\t"));
  EXPECT_THAT(offers("devenv prebuild --rec"), StartsWith("--recreate\t"));
  EXPECT_EQ(offers("devenv prebuild rm --rec"), "");
  EXPECT_EQ(offers("devenv image "), "export\ngc\nimport\nls\npull\nrm\n");
}

}  // namespace
}  // namespace photon::test

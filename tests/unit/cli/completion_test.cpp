#include "devenv/cli/completion.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "devenv/cli/command.hpp"
#include "devenv/core/process.hpp"

namespace photon::cli {
namespace {

TEST(Completion, BashParsesIt) {
  auto checked = run({.argv = {"bash", "-n"}}, bash_completion());
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->status, 0) << checked->err;
}

TEST(Completion, BashOffersCommandsVerbsOptionsAndValues) {
  auto offers = [](const std::string& line) {
    auto script = bash_completion() + "COMP_WORDS=(" + line +
                  ")\nCOMP_CWORD=$((${#COMP_WORDS[@]}-1))\n_devenv\necho \"${COMPREPLY[*]}\"\n";
    auto done = run({.argv = {"bash", "-s"}}, script);
    return done ? done->out : std::string();
  };
  EXPECT_EQ(offers("devenv reb"), "rebuild\n");
  EXPECT_EQ(offers("devenv image ''"), "import export pull ls rm gc\n");
  EXPECT_EQ(offers("devenv up --all"), "--allow-unknown\n");
  EXPECT_EQ(offers("devenv prebuild ''"), "ls rm\n");
  EXPECT_EQ(offers("devenv prebuild rm --v"), "--verbose\n");
  EXPECT_EQ(offers("devenv prebuild --rec"), "--recreate\n");
  EXPECT_EQ(offers("devenv open --with z"), "zed\n");
  EXPECT_EQ(offers("devenv completion f"), "fish\n");
}

TEST(Completion, ZshAndFishKnowEveryOption) {
  for (const auto* command : commands()) {
    if (command->hidden) continue;
    for (const auto& option : command->options) {
      EXPECT_NE(zsh_completion().find(option.name), std::string::npos) << option.name;
      EXPECT_NE(fish_completion().find("-l " + std::string(option.name.substr(2))), std::string::npos)
          << option.name;
    }
  }
}

}  // namespace
}  // namespace photon::cli

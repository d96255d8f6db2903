// The table of options, --help and the manual page say the same.
#include <gmock/gmock.h>

#include "devenv/command/completion.hpp"
#include "devenv/core/process.hpp"
#include "images/mode/run.hpp"
#include "tests/fixtures/manual.hpp"

namespace photon::mode {
namespace {

TEST(ManualOfMode, HasEveryOptionAndExample) {
  fixtures::expect_page_tells(program(), program().commands.front(),
                              PHOTON_SOURCE_DIR "/docs/man/photon/photon-mode.md");
}

/// What bash offers at the end of a line.
std::string offers(const std::string& words) {
  auto script =
      command::bash_completion(program()) + "COMP_WORDS=(" + words +
      " ''); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _photon-mode; printf '%s ' \"${COMPREPLY[@]}\"\n";
  auto output = photon::run({.argv = {"bash"}}, script);
  return output ? output->out : output.error().message;
}

TEST(CompletionOfMode, OffersModesAtOnceAndParsesInEveryShell) {
  EXPECT_EQ(offers("photon-mode"), "workstation appliance ");
  EXPECT_EQ(offers("photon-mode --completion"), "bash zsh fish ");
  EXPECT_EQ(photon::run({.argv = {"zsh", "-n"}}, command::zsh_completion(program()))->err, "");
  EXPECT_EQ(photon::run({.argv = {"fish", "--no-execute"}}, command::fish_completion(program()))->err, "");
}

}  // namespace
}  // namespace photon::mode

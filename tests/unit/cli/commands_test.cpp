// The table, the manual pages and --help say the same.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "devenv/cli/command.hpp"
#include "devenv/cli/help.hpp"
#include "devenv/core/fd.hpp"

namespace photon::cli {
namespace {

std::string manual_path(const Command& command) {
  auto word = command.name.substr(0, command.name.find(' '));
  return fmt::format("{}/docs/man/devenv/devenv-{}.md", PHOTON_SOURCE_DIR, word);
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

class Commands : public testing::TestWithParam<const Command*> {};

TEST_P(Commands, HaveAManualPageWithEveryOptionAndTwoExamples) {
  const auto& command = *GetParam();
  auto page = read_file(manual_path(command));
  ASSERT_TRUE(page) << manual_path(command);
  EXPECT_NE(page->find(synopsis(command)), std::string::npos) << "synopsis of " << command.name;
  for (auto options : {command.options, common_options()})
    for (const auto& option : options) {
      EXPECT_NE(page->find(fmt::format("**{}**", option.name)), std::string::npos) << option.name;
      if (!option.letter.empty()) {
        EXPECT_NE(page->find(fmt::format("**{}**", option.letter)), std::string::npos) << option.letter;
      }
    }
  auto examples = page->substr(page->find("# EXAMPLES"));
  EXPECT_GE(count_of(examples, "\n    "), 2U);
  for (const auto& example : command.examples)
    EXPECT_NE(examples.find(std::string(example.line)), std::string::npos) << example.line;
}

TEST_P(Commands, HelpNamesEveryOptionAndTwoExamples) {
  const auto& command = *GetParam();
  auto help = help_of(command);
  EXPECT_GE(command.examples.size(), 2U);
  for (const auto& example : command.examples)
    EXPECT_NE(help.find(std::string(example.line)), std::string::npos);
  for (const auto& option : command.options) EXPECT_NE(help.find(option_words(option)), std::string::npos);
}

TEST_P(Commands, SummaryIsOnePhraseWithoutFullStop) {
  EXPECT_FALSE(GetParam()->summary.empty());
  EXPECT_FALSE(GetParam()->summary.ends_with('.'));
}

INSTANTIATE_TEST_SUITE_P(All, Commands, testing::ValuesIn(commands().begin(), commands().end()),
                         [](const auto& tested) {
                           std::string name(tested.param->name);
                           for (char& c : name)
                             if (c == ' ' || c == '-') c = '_';
                           return name;
                         });

TEST(Table, NamesAreUniqueAndFound) {
  std::set<std::string_view> names;
  for (const auto* command : commands()) {
    EXPECT_TRUE(names.insert(command->name).second) << command->name;
    std::vector<std::string> words;
    auto blank = command->name.find(' ');
    words.emplace_back(command->name.substr(0, blank));
    if (blank != std::string_view::npos) words.emplace_back(command->name.substr(blank + 1));
    words.emplace_back("--json");
    std::size_t used = 0;
    EXPECT_EQ(find_command(words, used), command);
  }
}

TEST(Table, NoManualPageIsLeftWithoutACommand) {
  std::set<std::string> known{"devenv.md", "devenv-config.toml.md"};
  for (const auto* command : commands())
    known.insert(std::filesystem::path(manual_path(*command)).filename());
  for (const auto& file : std::filesystem::directory_iterator(PHOTON_SOURCE_DIR "/docs/man/devenv"))
    if (file.path().filename().string().starts_with("devenv") && file.path().filename() != "devenvd.md") {
      EXPECT_TRUE(known.contains(file.path().filename())) << file.path();
    }
}

TEST(Table, AMisspeltCommandNamesTheNearest) {
  auto error = unknown_command("rebuidl");
  EXPECT_EQ(error.kind, Kind::usage);
  EXPECT_EQ(error.hint, "did you mean devenv rebuild?");
}

}  // namespace
}  // namespace photon::cli

// The table, the manual pages and --help say the same.
#include "packages/forge/commands/commands.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "devenv/command/help.hpp"

namespace photon::forge {
namespace {

std::string manual_path(std::string_view name) {
  return fmt::format("{}/docs/man/forge/forge-{}.md", PHOTON_SOURCE_DIR, name);
}

class ForgeCommands : public testing::TestWithParam<const Command*> {};

TEST_P(ForgeCommands, HaveAManualPageWithEveryOptionAndExample) {
  auto row = words_of(*GetParam());
  auto page = read_file(manual_path(row.name));
  ASSERT_TRUE(page) << manual_path(row.name);
  EXPECT_NE(page->find(command::synopsis(program(), row)), std::string::npos);
  for (auto options : {row.options, program().common})
    for (const auto& option : options) {
      EXPECT_NE(page->find(fmt::format("**{}**", option.name)), std::string::npos) << option.name;
      if (option.letter.empty()) continue;
      EXPECT_NE(page->find(fmt::format("**{}**", option.letter)), std::string::npos) << option.letter;
    }
  EXPECT_GE(row.examples.size(), 2U);
  for (const auto& example : row.examples)
    EXPECT_NE(page->find(std::string(example.line)), std::string::npos) << example.line;
  EXPECT_FALSE(row.summary.ends_with('.'));
}

INSTANTIATE_TEST_SUITE_P(All, ForgeCommands, testing::ValuesIn(commands().begin(), commands().end()),
                         [](const auto& one) { return std::string(one.param->name); });

TEST(ForgeTable, NoManualPageIsLeftWithoutACommand) {
  std::set<std::string> known{"forge.md"};
  for (const auto* one : commands()) known.insert(std::filesystem::path(manual_path(one->name)).filename());
  for (const auto& file : std::filesystem::directory_iterator(PHOTON_SOURCE_DIR "/docs/man/forge"))
    if (auto name = file.path().filename().string(); name.starts_with("forge")) {
      EXPECT_TRUE(known.contains(name)) << name;
    }
}

TEST(ForgeTable, NamesOfRecipesMayBeMany) {
  auto parsed = command::parse(program(), words_of(build_command), {"a", "--arch", "aarch64", "b", "c"});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->positionals, (std::vector<std::string>{"a", "b", "c"}));
  auto wrong = command::parse(program(), words_of(build_command), {"--arch", "sparc"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, Kind::usage);
}

}  // namespace
}  // namespace photon::forge

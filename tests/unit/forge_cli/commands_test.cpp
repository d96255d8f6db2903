// The table, the manual pages and --help say the same.
#include "packages/forge/commands/commands.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "tests/fixtures/manual.hpp"

namespace photon::forge {
namespace {

std::string manual_path(std::string_view name) {
  return fmt::format("{}/docs/man/forge/forge-{}.md", PHOTON_SOURCE_DIR, name);
}

class ForgeCommands : public testing::TestWithParam<const Command*> {};

TEST_P(ForgeCommands, HaveAManualPageWithEveryOptionAndExample) {
  auto row = GetParam()->words();
  fixtures::expect_page_tells(program(), row, manual_path(row.name));
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
  auto parsed = command::parse(program(), build_command.words(), {"a", "--arch", "aarch64", "b", "c"});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->positionals, (std::vector<std::string>{"a", "b", "c"}));
  auto wrong = command::parse(program(), build_command.words(), {"--arch", "sparc"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, Kind::usage);
}

}  // namespace
}  // namespace photon::forge

// The table, the manual pages and --help say the same.
#include "images/imager/commands/commands.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "devenv/command/help.hpp"

namespace photon::images {
namespace {

std::string manual_path(std::string_view name) {
  return fmt::format("{}/docs/man/imager/imager-{}.md", PHOTON_SOURCE_DIR, name);
}

TEST(ImagerCommands, HaveAManualPageWithEveryOptionAndExample) {
  for (const auto& row : program().commands) {
    auto page = read_file(manual_path(row.name));
    ASSERT_TRUE(page) << manual_path(row.name);
    EXPECT_NE(page->find(command::synopsis(program(), row)), std::string::npos) << row.name;
    for (auto options : {row.options, program().common})
      for (const auto& option : options) {
        EXPECT_NE(page->find(fmt::format("**{}**", option.name)), std::string::npos) << option.name;
        if (option.letter.empty()) continue;
        EXPECT_NE(page->find(fmt::format("**{}**", option.letter)), std::string::npos) << option.letter;
      }
    EXPECT_GE(row.examples.size(), 2U) << row.name;
    for (const auto& example : row.examples)
      EXPECT_NE(page->find(std::string(example.line)), std::string::npos) << example.line;
    EXPECT_FALSE(row.summary.ends_with('.'));
  }
}

TEST(ImagerCommands, NoManualPageIsLeftWithoutACommand) {
  std::set<std::string> known{"imager.md"};
  for (const auto* one : commands()) known.insert(std::filesystem::path(manual_path(one->name)).filename());
  for (const auto& file : std::filesystem::directory_iterator(PHOTON_SOURCE_DIR "/docs/man/imager"))
    if (auto name = file.path().filename().string(); name.starts_with("imager")) {
      EXPECT_TRUE(known.contains(name)) << name;
    }
}

}  // namespace
}  // namespace photon::images

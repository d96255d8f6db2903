// The table, the manual pages and --help say the same.
#include "images/imager/commands/commands.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "tests/fixtures/manual.hpp"

namespace photon::images {
namespace {

std::string manual_path(std::string_view name) {
  return fmt::format("{}/docs/man/imager/imager-{}.md", PHOTON_SOURCE_DIR, name);
}

TEST(ImagerCommands, HaveAManualPageWithEveryOptionAndExample) {
  for (const auto& row : program().commands)
    fixtures::expect_page_tells(program(), row, manual_path(row.name));
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

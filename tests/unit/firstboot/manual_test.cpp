// The table of options, --help and the manual page say the same.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "devenv/command/help.hpp"
#include "devenv/core/fd.hpp"
#include "images/firstboot/run.hpp"

namespace photon::first_boot {
namespace {

TEST(ManualOfFirstBoot, HasEveryOptionAndExample) {
  auto page = read_file(PHOTON_SOURCE_DIR "/docs/man/photon/photon-first-boot.md").value();
  const auto& row = program().commands.front();
  EXPECT_THAT(page, testing::HasSubstr(command::synopsis(program(), row)));
  for (auto options : {row.options, program().common})
    for (const auto& option : options)
      EXPECT_THAT(page, testing::HasSubstr(fmt::format("**{}**", option.name)));
  for (const auto& example : row.examples)
    EXPECT_THAT(page, testing::HasSubstr(fmt::format("\n    {}\n", example.line)));
}

}  // namespace
}  // namespace photon::first_boot

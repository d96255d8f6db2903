// The table of options, --help and the manual page say the same.
#include <gmock/gmock.h>

#include "images/firstboot/run.hpp"
#include "tests/fixtures/manual.hpp"

namespace photon::first_boot {
namespace {

TEST(ManualOfFirstBoot, HasEveryOptionAndExample) {
  fixtures::expect_page_tells(program(), program().commands.front(),
                              PHOTON_SOURCE_DIR "/docs/man/photon/photon-first-boot.md");
}

}  // namespace
}  // namespace photon::first_boot

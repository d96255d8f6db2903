// The manual pages as man(1) shows them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "devenv/core/fd.hpp"
#include "devenv/core/process.hpp"

namespace photon {
namespace {

using testing::HasSubstr;
using testing::Not;

Output shown(const std::string& page) {
  auto path = std::getenv("PATH");
  return run({.argv = {"man", "--warnings", "--local-file", page},
              .environment =
                  std::map<std::string, std::string>{
                      {"PATH", path ? path : "/usr/bin:/bin"}, {"LC_ALL", "C.UTF-8"}, {"MANWIDTH", "80"}}})
      .value();
}

std::string page_of(const std::string& name) {
  for (const char* section : {"1", "5", "8"})
    if (auto page = PHOTON_BUILD_DIR "/man/man" + std::string(section) + "/" + name + "." + section;
        std::filesystem::exists(page))
      return page;
  return name + " is in no section";
}

TEST(Manual, EveryPageIsThereAndWithoutAWarning) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(PHOTON_SOURCE_DIR "/docs/man")) {
    if (entry.path().extension() != ".md") continue;
    auto name = entry.path().stem().string();
    auto page = shown(page_of(name));
    EXPECT_EQ(page.status, 0) << name;
    EXPECT_EQ(page.err, "") << name;
    EXPECT_THAT(page.out, HasSubstr(name + " - ")) << "apropos finds a page by this line";
    EXPECT_THAT(page.out, Not(HasSubstr("**"))) << name;
    EXPECT_THAT(page.out, Not(HasSubstr("`"))) << name;
    ++count;
  }
  EXPECT_GT(count, 20U);
}

TEST(Manual, OptionsExamplesAndDashesAreAsTyped) {
  auto page = shown(page_of("devenv-up")).out;
  EXPECT_THAT(page, HasSubstr("\n       -n, --name NAME\n"));
  EXPECT_THAT(page, HasSubstr("\n           devenv up --name fix https://git.example.org/acme/web#fix-42\n"));
}

TEST(Manual, AFormThatIsNotKnownIsAFault) {
  auto converted = [](std::string_view text) {
    return run({.argv = {"awk", "-f", PHOTON_SOURCE_DIR "/docs/man/to-roff.awk"}}, text).value();
  };
  EXPECT_EQ(converted("% X(1) | x\n\n# NAME\n\nx - y\n").status, 0);
  for (const char* text :
       {"- a list\n", "## a second level\n", "a *mark that stays open\n", ":   no term\n"}) {
    auto done = converted(text);
    EXPECT_EQ(done.status, 1) << text;
    EXPECT_NE(done.err, "") << text;
  }
}

}  // namespace
}  // namespace photon

#include "packages/forge/build/log.hpp"

#include <gtest/gtest.h>

namespace photon::forge {
namespace {

TEST(BuildLog, TheFirstErrorIsTheCompilersNotMakesOrRpms) {
  auto found = first_error(
      "Executing(%build): /bin/sh -e /var/tmp/rpm-tmp.1\n+ make\n"
      "checking for error: none\ngcc -c a.c\n"
      "a.c:3:1: warning: unused\n"
      "  a.c:7:9: error: 'x' undeclared\n"
      "make: *** [Makefile:2: a.o] Error 1\n"
      "error: Bad exit status from /var/tmp/rpm-tmp.1 (%build)\n");
  EXPECT_EQ(found.line, 6U);
  found = first_error("gcc\n  a.c:7:9: error: 'x' undeclared\nmake: *** [a.o] Error 1\n");
  EXPECT_EQ(found.line, 2U);
  EXPECT_EQ(found.text, "a.c:7:9: error: 'x' undeclared");
}

TEST(BuildLog, AToolsOwnWordsComeBeforeASumThatStandsEarlier) {
  auto found = first_error("make[1]: *** [x] Error 1\n/usr/bin/ld: a.o: undefined reference to `f'\n");
  EXPECT_EQ(found.line, 2U);
  found = first_error("one\nmake: *** [x] Error 1\n");
  EXPECT_EQ(found.line, 2U);
}

TEST(BuildLog, WithoutAnyErrorTheLastLineBeforeRpms) {
  auto found = first_error(
      "+ false\nthe frobnicator is not amused\nerror: Bad exit status from /var/tmp/x (%check)\n\n\n"
      "RPM build errors:\n    Bad exit status from /var/tmp/x (%check)\n");
  EXPECT_EQ(found.line, 2U);
  EXPECT_EQ(found.text, "the frobnicator is not amused");
  EXPECT_EQ(first_error("").line, 0U);
  EXPECT_EQ(first_error("no newline").text, "no newline");
}

TEST(BuildLog, AProgramWithoutHardeningIsNamed) {
  auto found = first_error(
      "ok\nrun path: /build/BUILDROOT/usr/bin/xz\nxz: not hardened as packages/macros wants it\n");
  EXPECT_EQ(found.line, 2U);
}

TEST(BuildLog, ALineOfAnySizeIsCut) {
  EXPECT_LE(first_error(std::string(100000, 'x') + ": error: y\n").text.size(), 300U);
}

TEST(BuildLog, ThePhaseIsTheLastOneBegun) {
  EXPECT_EQ(phase_of("Executing(%prep): x\nExecuting(%build): y\n", "prepare"), "build");
  EXPECT_EQ(phase_of("nothing", "check"), "check");
  EXPECT_EQ(phase_of("Executing(%bui", "prep"), "prep") << "half a line";
}

}  // namespace
}  // namespace photon::forge

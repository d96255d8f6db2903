#include "packages/forge/compare.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace photon::forge {
namespace {

rpm::Package package(const std::string& name) {
  rpm::Package out;
  out.nevra = {.name = name, .evr = {.version = "1", .release = "1"}, .arch = "x86_64"};
  out.provides = {name + " = 1-1"};
  out.files = {{.path = "/usr/bin/x",
                .mode = 0100755,
                .user = "root",
                .group = "root",
                .digest = std::string(64, 'a')}};
  return out;
}

TEST(ForgeCompare, TheSameHaveNoDifference) {
  EXPECT_TRUE(compare_packages({package("a")}, {package("a")}).empty());
}

TEST(ForgeCompare, NamesEveryDifference) {
  auto before = package("a"), after = package("a");
  after.nevra.evr.release = "2";
  after.provides = {"a = 1-2"};
  after.needs = {"libz.so.1"};
  after.files[0].digest = std::string(64, 'b');
  after.files[0].mode = 0100700;
  after.files.push_back({.path = "/usr/bin/y"});
  EXPECT_THAT(compare_packages({before, package("gone")}, {after, package("new")}),
              testing::UnorderedElementsAre(
                  Change{"a", "version", "1-1", "1-2"}, Change{"a", "provides", "a = 1-1", ""},
                  Change{"a", "provides", "", "a = 1-2"}, Change{"a", "requires", "", "libz.so.1"},
                  Change{"a", "content", "/usr/bin/x aaaaaaaaaaaa", "/usr/bin/x bbbbbbbbbbbb"},
                  Change{"a", "mode", "/usr/bin/x 100755", "/usr/bin/x 100700"},
                  Change{"a", "file", "", "/usr/bin/y"}, Change{"gone", "package", "gone-1-1.x86_64", ""},
                  Change{"new", "package", "", "new-1-1.x86_64"}));
}

}  // namespace
}  // namespace photon::forge

// Entries of an archive in memory, as they are visited.
#include <gmock/gmock.h>

#include "devenv/unpack/unpack.hpp"
#include "tests/fixtures/tar.hpp"

namespace photon::unpack {
namespace {

using fixtures::tar_of;
using fixtures::TarMember;
using testing::HasSubstr;

/// Names with a sign for their kind, or "error: …".
std::string visited(const std::vector<TarMember>& members, const Bounds& bounds = {}, bool reads = true) {
  std::string names, bytes = tar_of(members);
  auto visit = [&](const Entry& entry, const Read& read) -> Result<void> {
    const char* kinds[] = {"", "/", "->", "="};
    names += fmt::format("{}{}{}{}", names.empty() ? "" : " ", entry.name,
                         kinds[static_cast<int>(entry.kind)], entry.target);
    if (!reads) return {};
    return read([](std::string_view) { return Result<void>(); });
  };
  auto done = each_entry({"it", "", bytes}, visit, bounds, {});
  return done ? names : "error: " + done.error().message;
}

TEST(Entries, HavePlainNamesAndKinds) {
  EXPECT_EQ(visited({{"./", "", '5'}, {"./a", "x"}, {"d/", "", '5'}, {"d//./b", ""}}), "/ a d/ d/b");
  EXPECT_EQ(visited({{"a", ""}, {"d/l", "../a", '2'}, {"h", "./a", '1'}, {"i", "h", '1'}}),
            "a d/l->../a h=a i=a")
      << "a second name is of the first one, however it is said";
}

TEST(Entries, ASecondNameIsOfAFileBefore) {
  EXPECT_THAT(visited({{"h", "later", '1'}, {"later", ""}}), HasSubstr("no file before it"));
  EXPECT_THAT(visited({{"d", "", '5'}, {"h", "d", '1'}}), HasSubstr("no file before it"));
  EXPECT_THAT(visited({{"h", "", '1'}}), HasSubstr("error: "));
}

TEST(Entries, WhatNobodyReadsCounts) {
  std::vector<TarMember> members{{"a", std::string(2 << 20, 'x')}, {"b", std::string(2 << 20, 'y')}};
  for (bool reads : {true, false}) {
    EXPECT_EQ(visited(members, {.bytes = 4 << 20}, reads), "a b");
    EXPECT_THAT(visited(members, {.bytes = 3 << 20}, reads), HasSubstr("more than 3 MiB"));
  }
}

TEST(Paths, StayInside) {
  EXPECT_EQ(normal_path("a/./b//c/../d"), "a/b/d");
  EXPECT_EQ(normal_path("a/../.."), std::nullopt);
  EXPECT_TRUE(stays_inside("a/b", "../c"));
  EXPECT_FALSE(stays_inside("a/b", "../../c"));
  EXPECT_FALSE(stays_inside("a", "/c"));
  EXPECT_FALSE(stays_inside("a", ""));
}

}  // namespace
}  // namespace photon::unpack

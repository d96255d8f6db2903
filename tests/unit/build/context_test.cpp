// What counts in a context, and that nothing outside of the repository is read.
#include "devenv/build/context.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "devenv/build/recipe.hpp"
#include "devenv/core/derived.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::build {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Context : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& text) {
    auto path = fs::path(repository()) / name;
    fs::create_directories(path.parent_path());
    ASSERT_TRUE(write_derived(path, text, 0644));
  }
  std::string repository() const { return folder_.path + "/repository"; }
  Result<std::string> digest(const Bounds& bounds = {}, const std::string& ignored = {}) {
    auto ignore = Ignore::parse(ignored, ".dockerignore");
    if (!ignore) return tl::unexpected(ignore.error());
    auto fd = open_context(repository(), repository() + "/context");
    if (!fd) return tl::unexpected(fd.error());
    return digest_of(fd->get(), *ignore, bounds, {});
  }
  /// Whether the digest differs once that is done.
  template <class F>
  bool counts(F change, const std::string& ignored = {}) {
    auto before = digest({}, ignored);
    EXPECT_TRUE(before) << before.error().message;
    change();
    auto after = digest({}, ignored);
    EXPECT_TRUE(after) << after.error().message;
    return before.value_or("") != after.value_or("");
  }
  fixtures::TempFolder folder_;
};

TEST_F(Context, NamesKindsModesBytesAndLinksCountAndTimesDoNot) {
  put("context/a", "text");
  put("context/b/c", "text");
  auto path = repository() + "/context/";
  EXPECT_TRUE(counts([&] { put("context/a", "other"); }));
  EXPECT_TRUE(counts([&] { fs::rename(path + "a", path + "z"); }));
  EXPECT_TRUE(counts([&] { fs::permissions(path + "z", fs::perms(0755)); }));
  EXPECT_TRUE(counts([&] { fs::create_symlink("b/c", path + "link"); }));
  EXPECT_TRUE(counts([&] {
    fs::remove(path + "link");
    fs::create_symlink("z", path + "link");
  }));
  EXPECT_TRUE(counts([&] { fs::create_directory(path + "empty"); }));
  EXPECT_TRUE(counts([&] { ::mkfifo((path + "pipe").c_str(), 0644); }));
  EXPECT_FALSE(counts([&] { fs::last_write_time(path + "z", fs::file_time_type::clock::now()); }));
  EXPECT_FALSE(counts([&] { put("beside", "no part of it"); }));
}

TEST_F(Context, WhatIsLeftOutDoesNotCount) {
  put("context/a", "text");
  const std::string ignored = "node_modules\n!node_modules/kept\n*.log\n";
  EXPECT_FALSE(counts([&] { put("context/node_modules/x/y", "1"); }, ignored));
  EXPECT_FALSE(counts([&] { put("context/today.log", "1"); }, ignored));
  EXPECT_TRUE(counts([&] { put("context/node_modules/kept/y", "1"); }, ignored));
}

TEST_F(Context, OfManyFilesByManyThreadsItIsTheSame) {
  for (int i = 0; i < 1000; ++i) put(fmt::format("context/{}/{}", i % 10, i), std::to_string(i));
  auto first = digest();
  ASSERT_TRUE(first);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(digest(), first);
  EXPECT_TRUE(counts([&] { put("context/7/777", "other"); }));
}

TEST_F(Context, NothingOutsideIsRead) {
  ASSERT_TRUE(make_directories(repository()));
  ASSERT_TRUE(make_directories(folder_.path + "/secret"));
  ASSERT_TRUE(write_file(folder_.path + "/secret/file", "secret"));
  fs::create_directory_symlink("../secret", repository() + "/context");
  auto opened = open_context(repository(), repository() + "/context");
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("leads out of the repository"));
  EXPECT_FALSE(read_below(repository(), repository() + "/context/file", 100));
  // Within it a link is a link: where it leads is not looked at.
  fs::remove(repository() + "/context");
  put("context/a", "text");
  fs::create_symlink("../../secret/file", repository() + "/context/link");
  EXPECT_FALSE(counts([&] { ASSERT_TRUE(write_file(folder_.path + "/secret/file", "other")); }));
  auto none = open_context(repository(), repository() + "/none");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, Kind::not_found);
  EXPECT_EQ(read_below(repository(), repository() + "/none", 100).value(), std::nullopt);
}

TEST_F(Context, ThereAreBounds) {
  for (int i = 0; i < 5; ++i) put(fmt::format("context/{}", i), "text");
  put("context/deep/er/est/file", "text");
  EXPECT_TRUE(digest());
  auto many = digest({.entries = 4});
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, "build.bounds");
  EXPECT_THAT(many.error().hint, HasSubstr(".dockerignore"));
  EXPECT_FALSE(digest({.bytes = 10}));
  EXPECT_FALSE(digest({.levels = 2}));
  EXPECT_TRUE(digest({.entries = 6}, "deep"));
}

}  // namespace
}  // namespace photon::build

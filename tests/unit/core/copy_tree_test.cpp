// A folder's copy is the same but for its files' numbers, and shares none with it.
#include "devenv/core/copy_tree.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devenv/core/fd.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon {
namespace {

class CopyTree : public testing::Test {
 protected:
  CopyTree() { EXPECT_TRUE(make_directories(from_ + "/src/deep", 0755)); }
  Copied copy() {
    auto done = copy_tree(from_, to_, Work{});
    EXPECT_TRUE(done) << sentence(done.error());
    return done.value_or(Copied{});
  }
  static struct stat look(const std::string& path) {
    struct stat info{};
    EXPECT_EQ(::lstat(path.c_str(), &info), 0) << path;
    return info;
  }
  void put(const std::string& name, std::string_view text, mode_t mode = 0644) {
    ASSERT_TRUE(write_file(from_ + "/" + name, text, mode));
  }

  fixtures::TempFolder folder_;
  const std::string from_ = folder_.path + "/from";
  const std::string to_ = folder_.path + "/to";
};

TEST_F(CopyTree, ContentsModesAndTimesAreTheSame) {
  put("src/deep/program", "#!/bin/sh\n", 0755);
  put("empty", "");
  put("large", std::string(3 << 20, 'x'));
  ASSERT_EQ(::chmod((from_ + "/empty").c_str(), 04711), 0);
  const timespec when[2] = {{1'000'000, 5}, {1'600'000'000, 123'456'789}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (from_ + "/empty").c_str(), when, 0), 0);
  ASSERT_EQ(::utimensat(AT_FDCWD, (from_ + "/src").c_str(), when, 0), 0);
  ASSERT_EQ(::chmod((from_ + "/src/deep").c_str(), 0700), 0);
  auto copied = copy();
  EXPECT_EQ(copied.files, 3U);
  EXPECT_EQ(copied.bytes, (3U << 20) + 10);
  EXPECT_EQ(read_file(to_ + "/src/deep/program").value_or(""), "#!/bin/sh\n");
  EXPECT_EQ(read_file(to_ + "/large").value_or(""), std::string(3 << 20, 'x'));
  for (const char* name : {"", "/src", "/src/deep", "/src/deep/program", "/empty", "/large"}) {
    auto was = look(from_ + name);
    auto is = look(to_ + name);
    EXPECT_EQ(is.st_mode, was.st_mode) << name;
    EXPECT_EQ(is.st_uid, was.st_uid) << name;
    EXPECT_EQ(is.st_mtim.tv_sec, was.st_mtim.tv_sec) << name;
    EXPECT_EQ(is.st_mtim.tv_nsec, was.st_mtim.tv_nsec) << name;
    EXPECT_NE(is.st_ino, was.st_ino) << name;
  }
  EXPECT_EQ(tree_bytes(to_), tree_bytes(from_));
}

TEST_F(CopyTree, NoLinkIsFollowed) {
  ASSERT_TRUE(write_file(folder_.path + "/outside", "secret", 0600));
  ASSERT_EQ(::symlink("../outside", (from_ + "/file").c_str()), 0);
  ASSERT_EQ(::symlink("/etc", (from_ + "/folder").c_str()), 0);
  ASSERT_EQ(::symlink("nowhere", (from_ + "/broken").c_str()), 0);
  EXPECT_EQ(copy().files, 3U);
  EXPECT_EQ(std::filesystem::read_symlink(to_ + "/file"), "../outside");
  EXPECT_EQ(std::filesystem::read_symlink(to_ + "/folder"), "/etc");
  EXPECT_EQ(std::filesystem::read_symlink(to_ + "/broken"), "nowhere");
}

TEST_F(CopyTree, NamesOfOneFileStayNamesOfOneFileAndNotOfTheOriginal) {
  put("src/one", "same\n");
  ASSERT_EQ(::link((from_ + "/src/one").c_str(), (from_ + "/src/deep/two").c_str()), 0);
  EXPECT_EQ(copy().bytes, 5U);
  EXPECT_EQ(look(to_ + "/src/one").st_ino, look(to_ + "/src/deep/two").st_ino);
  EXPECT_EQ(look(to_ + "/src/one").st_nlink, 2U);
  EXPECT_EQ(look(from_ + "/src/one").st_nlink, 2U);
}

TEST_F(CopyTree, PipesComeAlongSocketsDoNot) {
  ASSERT_EQ(::mkfifo((from_ + "/pipe").c_str(), 0640), 0);
  auto socket = listen_unix(from_ + "/socket", SOCK_STREAM);
  ASSERT_TRUE(socket);
  EXPECT_EQ(copy().files, 1U);
  EXPECT_TRUE(S_ISFIFO(look(to_ + "/pipe").st_mode));
  EXPECT_EQ(look(to_ + "/pipe").st_mode, look(from_ + "/pipe").st_mode);
  EXPECT_FALSE(std::filesystem::exists(to_ + "/socket"));
}

TEST_F(CopyTree, EndsWhenToldToAndWhereSomethingIsThere) {
  put("src/one", "1");
  std::stop_source stop;
  stop.request_stop();
  auto stopped = copy_tree(from_, to_, Work{stop.get_token(), {}});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, Kind::cancelled);
  auto again = copy_tree(from_, to_, Work{});
  ASSERT_FALSE(again) << "half of a copy lies there";
  EXPECT_EQ(copy_tree(from_ + "/none", folder_.path + "/other", Work{}).error().kind, Kind::not_found);
}

}  // namespace
}  // namespace photon

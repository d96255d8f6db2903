#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devenv/engine/namespaces/parts.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::namespaces {
namespace {

TEST(Subordinate, LinesOfTheUserByNameAndByNumber) {
  auto ranges = subordinate_ranges(
      "# comment\nana:100000:65536\nbob:165536:65536\n1000:300000:10\nanabel:1:2\n\nana:400000:5", "ana",
      1000);
  ASSERT_EQ(ranges.size(), 3u);
  EXPECT_EQ(ranges[0].start, 100000u);
  EXPECT_EQ(ranges[0].count, 65536u);
  EXPECT_EQ(ranges[1].start, 300000u);
  EXPECT_EQ(ranges[2].start, 400000u);
  EXPECT_EQ(ranges[2].count, 5u);
}

TEST(Subordinate, TheNextRangeIsNobodysYet) {
  EXPECT_EQ(next_range("", "").start, 100000u);
  EXPECT_EQ(next_range("ana:100000:65536\nbob:165536:65536\n", "").start, 231072u);
  EXPECT_EQ(next_range("ana:1000:10\n", "ana:300000:65536\n").start, 365536u);
  EXPECT_EQ(next_range("", "").count, 65536u);
}

TEST(Subordinate, LinesThatAreNoneAreLeftOut) {
  EXPECT_TRUE(
      subordinate_ranges("ana\nana:1\nana:x:5\nana:5:x\nana:5:\nana::5\nana:5:0\nana:-1:5\n", "ana", 1)
          .empty());
  EXPECT_TRUE(subordinate_ranges("", "ana", 1).empty());
}

TEST(Holder, ItIsFoundByPidAndStartTime) {
  fixtures::TempFolder folder;
  EXPECT_FALSE(find_holder(folder.path)->pidfd) << "there is no file";
  ASSERT_TRUE(record_holder(folder.path, ::getpid()));
  auto found = find_holder(folder.path);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->pidfd);
  EXPECT_EQ(found->holder.pid, ::getpid());
  for (const char* text : {"", "x", "12", "1 5", "-4 5"}) {
    ASSERT_TRUE(write_file(holder_file(folder.path), text));
    EXPECT_FALSE(find_holder(folder.path)->pidfd) << text;
  }
  ASSERT_TRUE(write_file(holder_file(folder.path), fmt::format("{} 1", ::getpid())));
  EXPECT_FALSE(find_holder(folder.path)->pidfd) << "another start time";
}

TEST(Holder, AZombieIsNoHolder) {
  pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(start_time(child), 0u);
  ::waitpid(child, nullptr, 0);
  EXPECT_NE(start_time(::getpid()), 0u);
}

}  // namespace
}  // namespace photon::namespaces

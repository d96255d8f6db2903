// The folder in which an image is made: one maker at a time, and nothing of it stays.
#include "images/imager/build/scratch.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "images/imager/build/room.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::images {
namespace {

namespace fs = std::filesystem;

class Scratches : public testing::Test {
 protected:
  [[nodiscard]] Result<Scratch> make(const std::string& name, const Work& work = {}) const {
    return Scratch::make(folder_.path + "/out", name, "mend", work);
  }
  [[nodiscard]] std::vector<std::string> left() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path + "/out"))
      names.push_back(entry.path().filename());
    return names;
  }
  void leave(const std::string& name) const {
    ASSERT_TRUE(make_directories(folder_.path + "/out/" + name + "/root/etc"));
  }
  fixtures::TempFolder folder_;
};

TEST_F(Scratches, LeaveNothing) {
  {
    auto scratch = make("minimal");
    ASSERT_TRUE(scratch) << sentence(scratch.error());
    ASSERT_TRUE(write_file(scratch->path("file"), "half"));
    EXPECT_EQ(left().size(), 2U) << "the folder and its lock";
    struct stat status{};
    ASSERT_EQ(::stat(scratch->path("").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0700U) << "others may not run what is in it";
  }
  EXPECT_TRUE(left().empty());
}

TEST_F(Scratches, SweepWhatOthersLeftButNotWhatTheyHave) {
  leave(".making-minimal-1");
  leave(".making-minimal-2");
  leave(".making-minimal-two-3");
  leave(".making-gone-4");
  auto other = make("minimal-two");
  ASSERT_TRUE(other);
  EXPECT_FALSE(fs::exists(folder_.path + "/out/.making-minimal-1"));
  auto own = make("minimal");
  ASSERT_TRUE(own);
  EXPECT_TRUE(fs::exists(other->path("")));
  EXPECT_TRUE(fs::exists(own->path("")));
  EXPECT_EQ(left().size(), 4U) << "two folders, two locks";
}

TEST_F(Scratches, ASecondMakerWaitsAndSaysSo) {
  auto first = std::make_optional(make("minimal"));
  ASSERT_TRUE(*first);
  std::stop_source stop;
  std::vector<Progress> said;
  auto stopped = make("minimal", {.stop = stop.get_token(), .progress = [&](const Progress& progress) {
                                    said.push_back(progress);
                                    stop.request_stop();
                                  }});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, Kind::cancelled);
  ASSERT_FALSE(said.empty());
  EXPECT_EQ(said[0].subject, "another one makes minimal");
  EXPECT_TRUE(said[0].finished) << "seen without a terminal, too";
  auto second = make("minimal", {.stop = {}, .progress = [&](const Progress&) { first.reset(); }});
  ASSERT_TRUE(second);
  EXPECT_TRUE(fs::exists(second->path("")));
}

TEST_F(Scratches, AFolderThatIsNoneIsNamed) {
  ASSERT_TRUE(write_file(folder_.path + "/out", ""));
  auto scratch = make("minimal");
  ASSERT_FALSE(scratch);
  EXPECT_EQ(scratch.error().code, "image.output");
  EXPECT_EQ(scratch.error().kind, Kind::denied);
  EXPECT_NE(scratch.error().message.find("nothing can be written in " + folder_.path + "/out: "),
            std::string::npos)
      << scratch.error().message;
  EXPECT_EQ(scratch.error().hint, "mend");
}

TEST(Room, ATreeTakesWholeBlocksAndWhatTheFileSystemNeeds) {
  fixtures::TempFolder folder;
  auto empty = least_disk(folder.path, 64 << 20);
  ASSERT_TRUE(empty);
  EXPECT_GT(*empty, std::uint64_t{128} << 20);
  EXPECT_LT(*empty, std::uint64_t{160} << 20);
  ASSERT_TRUE(write_file(folder.path + "/file", std::string(10 << 20, 'x')));
  ASSERT_EQ(::link((folder.path + "/file").c_str(), (folder.path + "/same").c_str()), 0);
  auto more = least_disk(folder.path, 64 << 20);
  ASSERT_TRUE(more);
  EXPECT_GE(*more - *empty, std::uint64_t{10} << 20);
  EXPECT_LE(*more - *empty, std::uint64_t{11} << 20) << "a link is counted once";
  EXPECT_EQ(*more % (1 << 20), 0U);
}

}  // namespace
}  // namespace photon::images

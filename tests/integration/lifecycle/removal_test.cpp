// rm: what would be lost is asked for, the rest goes without a trace.
#include "tests/integration/lifecycle/suite.hpp"

namespace photon::tests {
namespace {

using testing::HasSubstr;
using Removal = LifeTest;

constexpr const char* with_volume = R"({"image": "devenv/base:latest", "remoteUser": "dev",
  "mounts": ["source=pgdata,target=/data,type=volume", "type=volume,target=/scratch"]})";

std::vector<std::string> volumes_in(const std::string& data) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& owner : std::filesystem::directory_iterator(data + "/volumes", error))
    for (const auto& volume : std::filesystem::directory_iterator(owner.path(), error))
      names.push_back(volume.path().filename());
  return names;
}

TEST_F(Removal, UnsavedWorkAsks) {
  up({repository("work", R"({"image": "devenv/base:latest", "remoteUser": "dev"})")});
  inside("work", "echo x >new");
  auto refused = devenv({"rm", "work"});
  EXPECT_EQ(refused.status, 4);
  EXPECT_THAT(refused.err,
              HasSubstr("devenv: work has work that exists nowhere else\n  1 file not committed\n"
                        "  devenv rm --yes work deletes it all\n"));
  EXPECT_EQ(inside("work", "cat new"), "x\n");
  EXPECT_EQ(devenv({"rm", "--yes", "work"}).status, 0);
  EXPECT_THAT(home().names(), testing::IsEmpty());
}

TEST_F(Removal, NothingToLoseIsNotAskedFor) {
  up({repository("clean", R"({"image": "devenv/base:latest", "remoteUser": "dev"})")});
  EXPECT_EQ(devenv({"rm", "clean"}).status, 0);
  EXPECT_THAT(home().names(), testing::IsEmpty());
}

TEST_F(Removal, AFolderOfTheUsersIsNotLost) {
  auto folder = project("stays", R"({"image": "devenv/base:latest"})");
  must_run({"git", "-C", folder, "init", "-q"});
  if (user() != nullptr) must_run({"chown", "-R", std::to_string(uid()), folder});
  up({}, folder);
  EXPECT_EQ(devenv({"rm", "stays"}).status, 0);
  EXPECT_TRUE(std::filesystem::exists(folder + "/README.md"));
}

TEST_F(Removal, AVolumeGoesWithTheLastThatHasIt) {
  auto first = project("first", with_volume);
  auto second = project("second", with_volume);
  up({}, first);
  up({}, second);
  // It is the remote user's from the beginning, and the same for both; one without a name is not shared.
  inside("first", "echo rows >/data/table; echo x >/scratch/file");
  EXPECT_EQ(inside("second", "cat /data/table; ls /scratch"), "rows\n");
  EXPECT_EQ(devenv({"rm", "second"}).status, 0);
  EXPECT_EQ(inside("first", "cat /data/table"), "rows\n");

  auto refused = devenv({"rm", "first"});
  EXPECT_EQ(refused.status, 4);
  EXPECT_THAT(refused.err, HasSubstr("first has work that exists nowhere else\n  volume pgdata 5 B\n"));
  EXPECT_THAT(volumes_in(home().paths().data), testing::ElementsAre("pgdata"));
  EXPECT_EQ(devenv({"rm", "--yes", "first"}).status, 0);
  EXPECT_THAT(volumes_in(home().paths().data), testing::IsEmpty());
}

TEST_F(Removal, AVolumesNameLeadsNowhereElse) {
  for (const char* name : {"../../environments", "a/b", ".hidden"}) {
    auto folder = project("sly", fmt::format(R"({{"image": "devenv/base:latest",
      "mounts": [{{"type": "volume", "source": "{}", "target": "/data"}}]}})",
                                             name));
    auto refused = devenv({"up"}, folder);
    EXPECT_EQ(refused.status, 2) << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("is no name of a volume"));
    EXPECT_THAT(home().names(), testing::IsEmpty());
  }
}

TEST_F(Removal, APortThatIsAskedForNoMoreIsClosed) {
  auto folder = project("ports", R"({"image": "devenv/base:latest", "forwardPorts": [8124]})");
  up({}, folder);
  EXPECT_THAT(devenv({"ports", "ports"}).out, HasSubstr("8124"));
  project("ports", R"({"image": "devenv/base:latest", "forwardPorts": [8125]})");
  EXPECT_EQ(devenv({"rebuild", "ports"}).status, 0);
  EXPECT_THAT(devenv({"ports", "ports"}).out,
              testing::AllOf(HasSubstr("8125"), testing::Not(HasSubstr("8124"))));
}

}  // namespace
}  // namespace photon::tests

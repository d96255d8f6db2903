// What a prebuild keeps, and what begins from it.
#include <boost/json/array.hpp>

#include "devenv/store/store.hpp"
#include "tests/integration/prebuild/suite.hpp"

namespace photon::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST_F(PrebuildTest, TheNextEnvironmentsBeginFromIt) {
  auto url = repository("web", configuration());
  auto made = prebuild({url});
  EXPECT_TRUE(flag_or(made, "made"));
  EXPECT_EQ(text_or(made, "branch"), "main");
  EXPECT_EQ(text_or(made, "commit").size(), 40U);
  EXPECT_GT(number_or(made, "size"), 0);
  EXPECT_THAT(home->names(), IsEmpty()) << "what it was made in is gone";
  EXPECT_THAT(home->orphans(), IsEmpty());
  EXPECT_THAT(home->journal(), IsEmpty());

  auto said = up("/", {url});
  EXPECT_THAT(said, HasSubstr("prebuild"));
  EXPECT_EQ(inside("web", "cat /tmp/hooks; id -un; stat -c %u . README.md made .git/config"),
            "onCreate\nupdateContent\npostCreate\ndev\n1000\n1000\n1000\n1000\n");
  EXPECT_EQ(inside("web", "cat made"), "1\n" + stamp("web")) << "the hooks' work among the sources";
  EXPECT_EQ(number_or(home->environment("web"), "dirty"), 1);

  up("/", {"--name", "two", url});
  EXPECT_EQ(stamp("two"), stamp("web"));
  EXPECT_EQ(inside("two", "echo more >> README.md; cat /tmp/hooks"), "onCreate\nupdateContent\npostCreate\n");
  EXPECT_EQ(inside("web", "cat README.md"), "# Web\n") << "each has files of its own";
  auto all = prebuilds();
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_GT(number_or(all[0], "used"), 0);
}

TEST_F(PrebuildTest, GitFindsItsObjectsAndNoFileHasChanged) {
  auto url = repository("git", configuration());
  prebuild({url});
  up("/", {url});
  auto folder = text_or(home->environment("git"), "folder");
  // The index has owners as they are inside, which an ordinary user sees as others here.
  std::vector<std::string> plain{"git",
                                 "-c",
                                 "safe.directory=*",
                                 "-C",
                                 folder,
                                 "-c",
                                 user ? "core.checkStat=minimal" : "core.checkStat=default"};
  auto with = [&](std::initializer_list<std::string> words) {
    auto all = plain;
    all.insert(all.end(), words);
    return must_run(all);
  };
  EXPECT_EQ(with({"log", "-1", "--format=%s"}), "First");
  EXPECT_EQ(with({"symbolic-ref", "--short", "HEAD"}), "main");
  // Plumbing compares what the index has noted of each file, and reads none.
  EXPECT_EQ(with({"diff-files", "--name-only"}), "");
}

TEST_F(PrebuildTest, WhatDiffersIsMadeFromTheStart) {
  auto url = repository("other", configuration(R"("containerEnv": {"TOKEN": "${localEnv:TOKEN}"})"));
  devenv({"prebuild", url}, {{"TOKEN", "a"}});
  devenv({"up", url}, {{"TOKEN", "a"}});
  auto first = stamp("other");
  EXPECT_EQ(inside("other", "echo $TOKEN; wc -l < made"), "a\n2\n");
  devenv({"up", "--name", "token", url}, {{"TOKEN", "b"}});
  EXPECT_NE(stamp("token"), first) << "a value of the caller's own";
  git(*home / "served/other.git", {"branch", "fix"});
  commit("other", "more", "more\n");
  devenv({"up", "--name", "commit", url}, {{"TOKEN", "a"}});
  EXPECT_NE(stamp("commit"), first) << "a newer commit";
  devenv({"up", "--name", "branch", url + "#fix"}, {{"TOKEN", "a"}});
  EXPECT_NE(stamp("branch"), first) << "another branch, though at that commit";
}

TEST_F(PrebuildTest, NothingIsMadeAgainUntilSomethingChanges) {
  auto url = repository("again", configuration());
  auto first = prebuild({url});
  auto same = home->devenv({"prebuild", url});
  EXPECT_EQ(same.status, 0);
  EXPECT_THAT(same.err, AllOf(HasSubstr("is prebuilt already"), Not(HasSubstr("onCreateCommand"))));
  auto anew = prebuild({"--recreate", url});
  EXPECT_TRUE(flag_or(anew, "made"));
  EXPECT_NE(text_or(anew, "id"), text_or(first, "id"));
  ASSERT_THAT(prebuilds(), SizeIs(1)) << "one of a key";
  for (const char* text : {"two\n", "three\n"}) {
    commit("again", "more", text);
    prebuild({url});
  }
  auto all = prebuilds();
  ASSERT_THAT(all, SizeIs(2)) << "the newest two of a branch";
  EXPECT_NE(text_or(all[0], "commit"), text_or(all[1], "commit"));
  EXPECT_NE(text_or(all[0], "id"), text_or(anew, "id"));
}

TEST_F(PrebuildTest, EnvironmentsOutliveIt) {
  auto folder = *home / "served/layers.git";
  put(folder + "/.devcontainer/tools/devcontainer-feature.json", R"({"id": "tools"})");
  put(folder + "/.devcontainer/tools/install.sh", "#!/bin/sh\necho tools > /tools\n");
  auto url = repository("layers", configuration(R"("features": {"./tools": {}})"));
  prebuild({url});
  EXPECT_EQ(home->devenv({"image", "gc"}).status, 0);
  ASSERT_THAT(prebuilds(), SizeIs(1)) << "one that is new is kept";
  up("/", {url});
  auto first = stamp("layers");
  EXPECT_EQ(inside("layers", "cat /tools; cat /tmp/hooks"), "tools\nonCreate\nupdateContent\npostCreate\n");
  EXPECT_THAT(devenv({"prebuild", "rm", url}), HasSubstr("is deleted"));
  EXPECT_EQ(home->devenv({"image", "gc"}).status, 0);
  ASSERT_EQ(home->devenv({"stop", "layers"}).status, 0);
  up("/", {url});
  EXPECT_EQ(stamp("layers"), first);
  EXPECT_EQ(inside("layers", "wc -l < /tmp/hooks"), "3\n");
  ASSERT_EQ(home->devenv({"rebuild", "layers"}).status, 0);
  EXPECT_EQ(inside("layers", "cat /tmp/hooks"), "onCreate\nupdateContent\npostCreate\n");
  EXPECT_NE(stamp("layers"), first) << "a rebuild runs all of its hooks";
}

TEST_F(PrebuildTest, WhatLiesThereIdleFallsToTheCollection) {
  auto url = repository("idle", configuration());
  auto id = text_or(prebuild({url}), "id");
  {
    auto store = store::Store::open(home->paths().journal());
    ASSERT_TRUE(store);
    auto rows = (*store)->prebuilds();
    ASSERT_TRUE(rows && rows->size() == 1);
    auto old = rows->front();
    old.created -= 15 * 24 * 3600;
    ASSERT_TRUE((*store)->put_prebuild(old));
  }
  auto collected = home->devenv({"image", "gc", "--json"});
  EXPECT_EQ(collected.status, 0) << collected.err;
  EXPECT_THAT(collected.out, Not(HasSubstr("\"freed\": 0\n")));
  EXPECT_THAT(prebuilds(), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(kept()));
}

TEST_F(PrebuildTest, WithoutAPartOfItAnEnvironmentIsMadeFromTheStart) {
  auto url = repository("parts", configuration());
  prebuild({url});
  for (const auto& mirror : std::filesystem::directory_iterator(home->paths().cache + "/mirrors"))
    std::filesystem::remove_all(mirror);
  EXPECT_THAT(up("/", {url}), HasSubstr("onCreateCommand"));
  EXPECT_THAT(prebuilds(), IsEmpty()) << "the rest was of no use";
  ASSERT_EQ(home->devenv({"rm", "--yes", "parts"}).status, 0);
  prebuild({url});
  for (const auto& one : std::filesystem::directory_iterator(kept())) std::filesystem::remove_all(one);
  EXPECT_THAT(up("/", {url}), HasSubstr("onCreateCommand"));
  EXPECT_THAT(prebuilds(), IsEmpty());
}

TEST_F(PrebuildTest, WorkInACloneStays) {
  const auto mark = *home / "user/initialized";
  auto url =
      repository("worked", configuration(fmt::format(R"("initializeCommand": "echo ran >> {}")", mark)));
  // The clone lies there, and its owner has not said yes yet.
  EXPECT_EQ(home->devenv({"up", url}).status, 4);
  put(text_or(home->environment("worked"), "folder") + "/mine", "mine\n");
  prebuild({"--trust", url});
  EXPECT_THAT(up("/", {"--trust", url}), Not(HasSubstr("prebuild")));
  EXPECT_EQ(inside("worked", "cat mine; cat /tmp/hooks"), "mine\nonCreate\nupdateContent\npostCreate\n");
  ASSERT_EQ(home->devenv({"rm", "--yes", "worked"}).status, 0);
  // Without any work it begins from the prebuild, also where it is asked first.
  auto asked = home->devenv({"up", url});
  EXPECT_EQ(asked.status, 4);
  EXPECT_THAT(asked.err, HasSubstr("prebuild"));
  EXPECT_THAT(up("/", {"--trust", url}), Not(HasSubstr("onCreateCommand")));
  EXPECT_EQ(inside("worked", "cat /tmp/hooks"), "onCreate\nupdateContent\npostCreate\n");
  EXPECT_EQ(read_file(mark).value_or(""), "ran\nran\nran\n") << "for the prebuild and for each environment";
}

}  // namespace
}  // namespace photon::tests

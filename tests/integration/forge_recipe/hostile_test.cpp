// Specs of strangers: their macros run programs, never end, or say too much.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>

#include "devenv/core/fd.hpp"
#include "tests/integration/forge_recipe/a_spec.hpp"

namespace photon::forge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ForgeHostileSpec, ThatHangsCostsItsLimitAndNothingElse) {
  Specs specs;
  specs.spec("a", "BuildRequires: %(sleep 60)\n");
  specs.spec("b", "BuildRequires: good\n");
  specs.spec("c", "%{lua: while true do end}\n");
  auto begin = std::chrono::steady_clock::now();
  auto all = read_recipes(specs.folder.path, {.jobs = 1, .limit = std::chrono::milliseconds(700)}, {});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  ASSERT_TRUE(all);
  ASSERT_EQ(all->recipes.size(), 1U);
  EXPECT_EQ(all->recipes[0].name, "b");
  ASSERT_EQ(all->unread.size(), 2U);
  EXPECT_THAT(sentence(all->unread[0].error), HasSubstr("a.spec: reading it takes more than 0.7 s"));
}

TEST(ForgeHostileSpec, ThatDiesHindersNoOther) {
  Specs specs;
  specs.spec("a", "BuildRequires: %(kill -9 $PPID)\n");
  specs.spec("b", "");
  auto all = read_recipes(specs.folder.path, {.jobs = 1}, {});
  ASSERT_TRUE(all);
  ASSERT_EQ(all->recipes.size(), 1U);
  EXPECT_EQ(all->recipes[0].name, "b");
  ASSERT_EQ(all->unread.size(), 1U);
  EXPECT_THAT(sentence(all->unread[0].error), HasSubstr("has died"));
}

TEST(ForgeHostileSpec, ThatGrowsWithoutEndIsEnded) {
  Specs specs;
  specs.spec("a", "%{lua: t = 'x'; for i = 1, 40 do t = t .. t end; print(t)}\n");
  specs.spec("b", "Summary(de): %{lua: print(string.rep('x', 20000000))}\n");
  specs.spec("c", "%define r() %r\nBuildRequires: %r\n");
  specs.spec("d", "");
  auto all = read_recipes(specs.folder.path, {.limit = std::chrono::seconds(10)}, {});
  ASSERT_TRUE(all);
  ASSERT_FALSE(all->recipes.empty());
  EXPECT_EQ(all->recipes.back().name, "d");
  ASSERT_FALSE(all->unread.empty());
  EXPECT_THAT(all->unread[0].spec, HasSubstr("a.spec"));
}

TEST(ForgeHostileSpec, WritesNoFileAndReachesNoSocket) {
  Specs specs;
  auto target = specs.folder.path + "/written";
  auto where = specs.folder.path + "/socket";
  auto listener = listen_unix(where, SOCK_STREAM, 0666);
  ASSERT_TRUE(listener);
  auto spec = specs.spec(
      "a", "BuildRequires: %(echo x > " + target + " || echo refused-file)\n" +
               "BuildRequires: %(python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"" +
               where + "\")' && echo reached || echo refused-socket)\n");
  auto recipe = read_recipe(spec, {});
  ASSERT_TRUE(recipe) << sentence(recipe.error());
  EXPECT_THAT(recipe->build_requires, testing::UnorderedElementsAre("refused-file", "refused-socket"));
  EXPECT_FALSE(std::filesystem::exists(target));
}

TEST(ForgeHostileSpec, LeavesNoProcessBehind) {
  Specs specs;
  auto mark = "36000." + std::to_string(::getpid());
  auto spec = specs.spec("a", "BuildRequires: %(setsid sleep " + mark + " >/dev/null 2>&1 & echo x)\n");
  auto recipe = read_recipe(spec, {});
  ASSERT_TRUE(recipe) << sentence(recipe.error());
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    auto text = read_file(entry.path().string() + "/cmdline", 1 << 20);
    EXPECT_THAT(text.value_or(""), testing::Not(HasSubstr(mark)));
  }
}

TEST(ForgeHostileSpec, IsLeftWhenTheWorkIsStopped) {
  Specs specs;
  specs.spec("a", "BuildRequires: %(sleep 60)\n");
  std::stop_source stop;
  stop.request_stop();
  auto all = read_recipes(specs.folder.path, {}, {.stop = stop.get_token()});
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().kind, Kind::cancelled);
}

}  // namespace
}  // namespace photon::forge

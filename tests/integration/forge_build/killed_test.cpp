// A forge that was killed at each step of a build: the next one goes on, and ends with the same bytes.
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "tests/fixtures/stopped.hpp"
#include "tests/integration/forge_build/bench.hpp"
#include "tests/integration/forge_build/killed.hpp"

namespace photon::forge {

int build_once(const std::string& path) {
  Bench bench(path);
  bench.add("one", "echo 1 > file");
  bench.add("two", "cat /opt/one/file > file", {"one"});
  return bench.outcomes() == "built one, built two" ? 0 : 1;
}

namespace {

class BuildKilled : public testing::TestWithParam<const char*> {};

TEST_P(BuildKilled, GoesOnWhereItWas) {
  fixtures::TempFolder folder;
  pid_t child = ::fork();
  if (child == 0) {
    ::setenv("DEVENV_STOP_AT", GetParam(), 1);
    ::setenv("TMPDIR", folder.path.c_str(), 1);  // what it leaves when it is killed goes with ours
    ::execl("/proc/self/exe", "integration_forge_build", "build", folder.path.c_str(), nullptr);
    ::_exit(3);
  }
  ASSERT_NO_FATAL_FAILURE(fixtures::kill_where_it_stops(child, GetParam()));

  Bench bench(folder.path);
  sweep_scratch(bench.store->folder() + "/scratch");
  bench.add("one", "echo 1 > file");
  bench.add("two", "cat /opt/one/file > file", {"one"});
  EXPECT_THAT(bench.outcomes(), testing::AnyOf("built one, built two", "reused one, built two"));
  EXPECT_EQ(bench.outcomes(), "reused one, reused two");
  for (const auto& result : bench.last)
    for (const auto& file : result.built.outputs)
      EXPECT_EQ(sha256_file(bench.store->path_of(file)).value(), file.sha256);
  EXPECT_TRUE(std::filesystem::is_empty(bench.store->folder() + "/scratch"));
}

INSTANTIATE_TEST_SUITE_P(AtEachStep, BuildKilled,
                         testing::Values("build.sources", "tree.unpacked", "tree.made", "build.tree",
                                         "build.run", "build.done", "store.placed"));

}  // namespace
}  // namespace photon::forge

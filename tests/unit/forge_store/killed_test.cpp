// What a store is after the program that added to it was killed at each step.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "packages/forge/store/store.hpp"
#include "tests/fixtures/stopped.hpp"
#include "tests/fixtures/temp_folder.hpp"
#include "tests/unit/forge_store/a_build.hpp"

namespace photon::forge {
namespace {

class ForgeStoreKilled : public testing::TestWithParam<const char*> {};

TEST_P(ForgeStoreKilled, HasTheBuildWholeOrNotAtAllAndTakesItAgain) {
  fixtures::TempFolder folder;
  std::string out = folder.path + "/out", at = folder.path + "/store";
  auto built = a_build(out, 'a', "bytes");
  pid_t child = ::fork();
  if (child == 0) {
    ::setenv("DEVENV_STOP_AT", GetParam(), 1);
    ::execl("/proc/self/exe", "unit_forge_store", "add", at.c_str(), out.c_str(), nullptr);
    ::_exit(3);
  }
  ASSERT_NO_FATAL_FAILURE(fixtures::kill_where_it_stops(child, GetParam()));

  auto store = Store::open(at);
  ASSERT_TRUE(store) << sentence(store.error());
  bool recorded = std::string_view(GetParam()) == "store.recorded";
  EXPECT_EQ((*store)->find(built.key)->has_value(), recorded);
  ASSERT_TRUE((*store)->add(a_build(out, 'a', "bytes"), out));
  auto found = (*store)->find(built.key);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ(read_file((*store)->path_of((*found)->outputs[0])).value(), "bytes");
}

INSTANTIATE_TEST_SUITE_P(AtEachStep, ForgeStoreKilled,
                         testing::Values("store.staged", "store.placed", "store.recorded"));

}  // namespace
}  // namespace photon::forge

// As "unit_forge_store add STORE FOLDER" it is the program that is killed.
int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "add") {
    auto built = photon::forge::a_build(argv[3], 'a', "bytes");
    auto store = photon::forge::Store::open(argv[2]);
    return store && (*store)->add(built, argv[3]) ? 0 : 1;
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

// A publisher that is killed at each step, and two at once.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/fixtures/stopped.hpp"
#include "tests/integration/forge_publish/workshop.hpp"

namespace photon::forge::tests {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;
using testing::SizeIs;

class Killed : public PublishTest {
 protected:
  /// As a program of its own: publishes what the store has of apple (and of pear).
  pid_t publisher(const char* stop_at) {
    pid_t child = ::fork();
    if (child != 0) return child;
    if (stop_at) ::setenv("DEVENV_STOP_AT", stop_at, 1);
    ::execl("/proc/self/exe", "integration_forge_publish", "publish", (folder_.path + "/store").c_str(),
            options_.folder.c_str(), the_key().folder.c_str(), nullptr);
    ::_exit(3);
  }
};

class KilledAt : public Killed, public testing::WithParamInterface<const char*> {};

TEST_P(KilledAt, LeavesTheOldRepositoryOrTheNewAndTheNextOneIsWhole) {
  options_.keep = 1;
  auto apple = built({}), pear = built({.name = "pear"});
  must_publish({apple});
  auto old = read_repository(options_.folder);
  pid_t child = publisher(GetParam());
  ASSERT_NO_FATAL_FAILURE(fixtures::kill_where_it_stops(child, GetParam()));

  auto seen = read_repository(options_.folder);
  EXPECT_THAT(seen.fault, IsEmpty());
  auto name = std::string_view(GetParam());
  bool switched = name == "publish.switched" || name == "publish.pruning";
  EXPECT_EQ(seen.packages.size(), switched ? 2U : 1U);
  must_run({"gpg", "--version"});  // no agent of the killed one hinders the next
  must_publish({apple, pear});
  auto after = read_repository(options_.folder);
  EXPECT_THAT(after.fault, IsEmpty());
  EXPECT_THAT(after.packages, SizeIs(2));
  EXPECT_GT(after.revision, old.revision);
}

INSTANTIATE_TEST_SUITE_P(AtEachStep, KilledAt,
                         testing::Values("publish.signed-one", "publish.signed", "publish.placed",
                                         "publish.written", "publish.switched", "publish.pruning"));

TEST_F(Killed, OneAfterTheOtherWhereTwoPublishAtOnce) {
  built({});
  built({.name = "pear"});
  std::vector<pid_t> both = {publisher(nullptr), publisher(nullptr), publisher(nullptr)};
  for (pid_t child : both) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  auto seen = read_repository(options_.folder);
  EXPECT_THAT(seen.fault, IsEmpty());
  EXPECT_THAT(seen.packages,
              ElementsAre(EndsWith("/apple-1.0-1.x86_64.rpm"), EndsWith("/pear-1.0-1.x86_64.rpm")));
}

int publish_stored(const std::string& store_folder, const std::string& folder, const std::string& keys) {
  auto store = Store::open(store_folder);
  if (!store) return 10;
  std::vector<Built> all;
  for (const char* recipe : {"apple", "pear"}) {
    auto history = (*store)->history(recipe, "x86_64");
    if (!history || history->empty()) return 11;
    all.push_back(history->front());
  }
  auto key = ensure_key(keys, {});
  if (!key) return 12;
  auto published = publish(all, {.folder = folder, .keep = 1}, *key, **store, {});
  if (!published) fmt::print(stderr, "{}\n", sentence(published.error()));
  return published ? 0 : exit_status(published.error().kind);
}

}  // namespace
}  // namespace photon::forge::tests

int main(int argc, char** argv) {
  if (argc == 5 && std::string_view(argv[1]) == "publish")
    return photon::forge::tests::publish_stored(argv[2], argv[3], argv[4]);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

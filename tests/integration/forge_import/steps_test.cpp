// A forge that was killed at each step of an import, two at once, and one that is stopped.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/fixtures/stopped.hpp"
#include "tests/integration/forge_import/archive.hpp"

namespace photon::forge {

int import_once(const std::string& folder) {
  Archive archive(folder);
  auto store = Store::open(archive.at("store"));
  if (!store) return 10;
  auto made = run_imports(archive.options(), **store, {});
  if (made) return 0;
  std::fprintf(stderr, "%s\n", sentence(made.error()).c_str());
  return 1;
}

namespace {

struct Steps : Import {
  void SetUp() override {
    Import::SetUp();
    usual();
    auto lock = update_lock(options(), {});
    ASSERT_TRUE(lock) << sentence(lock.error());
  }
  /// As a program of its own.
  [[nodiscard]] pid_t importer(const char* stop_at = nullptr) const {
    pid_t child = ::fork();
    if (child != 0) return child;
    if (stop_at) ::setenv("DEVENV_STOP_AT", stop_at, 1);
    ::execl("/proc/self/exe", "integration_forge_import", "import", folder.c_str(), nullptr);
    ::_exit(3);
  }
  void expect_all_is_made() {
    auto plans = plan_imports(options(), *store);
    ASSERT_TRUE(plans) << sentence(plans.error());
    for (const auto& plan : *plans) {
      auto built = store->find(plan.key).value();
      ASSERT_TRUE(built) << plan.name;
      for (const auto& file : built->outputs)
        EXPECT_EQ(sha256_file(store->path_of(file)).value(), file.sha256) << file.name;
    }
    EXPECT_TRUE(fs::is_empty(at("store/scratch")));
  }
};

class ImportKilled : public Steps, public testing::WithParamInterface<const char*> {};

TEST_P(ImportKilled, GoesOnWhereItWas) {
  pid_t child = importer(GetParam());
  ASSERT_NO_FATAL_FAILURE(fixtures::kill_where_it_stops(child, GetParam()));
  auto made = run_imports(options(), *store, {});
  ASSERT_TRUE(made) << sentence(made.error());
  EXPECT_GE(made->size(), 1U) << "it was not done when it was killed";
  // A script of the killed one's rpmbuild may have written a last line meanwhile: the next one sweeps it.
  EXPECT_EQ(run_imports(options(), *store, {}).value().size(), 0U);
  expect_all_is_made();
}

INSTANTIATE_TEST_SUITE_P(AtEachStep, ImportKilled,
                         testing::Values("import.fetched", "import.begun", "import.converted", "store.staged",
                                         "store.placed"));

TEST_F(Steps, TwoAtOnceBothEndWellWithTheSameBytes) {
  pid_t children[] = {importer(), importer(), importer()};
  for (pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  expect_all_is_made();
  EXPECT_EQ(run_imports(options(), *store, {}).value().size(), 0U);
}

TEST_F(Steps, AStoppedImportKeepsNothingHalf) {
  std::stop_source stop;
  Work work{.stop = stop.get_token(), .progress = [&](const Progress& progress) {
              if (progress.step == "import") stop.request_stop();
            }};
  auto options = this->options();
  options.jobs = 1;
  auto made = run_imports(options, *store, work);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, Kind::cancelled);
  made = run_imports(options, *store, {});
  ASSERT_TRUE(made) << sentence(made.error());
  EXPECT_EQ(made->size(), 1U) << "one of two was done before";
  expect_all_is_made();
}

TEST_F(Steps, AnOrdinaryUserMakesTheSameBytes) {
  if (::geteuid() != 0) GTEST_SKIP() << "we are one";
  auto ours = run_imports(options(), *store, {});
  ASSERT_TRUE(ours) << sentence(ours.error());
  // A copy that the user may read and write: our own folder is closed to others.
  shell(
      "mkdir -m 0755 theirs; cp -a packages sources.list archive key.gpg debs theirs/; "
      "sed -i \"s|$PWD|$PWD/theirs|g\" theirs/sources.list; chmod 0755 .; chown -R 4321:4321 theirs");
  std::string program = at("suite");
  fs::copy_file("/proc/self/exe", program);
  auto done = photon::run(
      {.argv = {"setpriv", "--reuid=4321", "--regid=4321", "--clear-groups", program, "import", at("theirs")},
       .environment = std::map<std::string, std::string>{{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"},
                                                         {"HOME", at("theirs")}}});
  ASSERT_TRUE(done);
  ASSERT_EQ(done->status, 0) << done->err;
  auto theirs = Store::open(at("theirs/store")).value();
  for (const auto& built : *ours) {
    auto other = theirs->find(built.key).value();
    ASSERT_TRUE(other) << built.recipe;
    ASSERT_EQ(other->outputs.size(), built.outputs.size());
    for (std::size_t i = 0; i < built.outputs.size(); ++i)
      EXPECT_EQ(other->outputs[i].sha256, built.outputs[i].sha256) << built.outputs[i].name;
  }
}

}  // namespace
}  // namespace photon::forge

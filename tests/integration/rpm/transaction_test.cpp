#include "packages/rpm/transaction.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <filesystem>
#include <sstream>
#include <thread>

#include "devenv/core/mounts.hpp"
#include "tests/integration/rpm/fixtures.hpp"

namespace photon::rpm::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// As root a plain root; as an ordinary user a user namespace gives the same.
struct Transactions : ::testing::Test {
  static void SetUpTestSuite() {
    key = new Key("Transactions <t@example.org>");
    shared = new fixtures::TempFolder;
    shell = make_rpm(shared->path, {.name = "shell", .lines = {"Provides: /bin/sh"}});
    key->sign_rpm(shell);
  }
  static void TearDownTestSuite() { delete key, delete shared; }
  static Key* key;
  static fixtures::TempFolder* shared;
  static std::string shell;
  fixtures::TempFolder folder;
  std::string root = folder.path + "/root";
  TransactionOptions options{.root = root, .keys = {key->armoured}, .user_namespace = true};
  std::vector<std::string> paths{shell};

  void SetUp() override {
    if (::geteuid() != 0 && !has_subordinate_ids())
      GTEST_SKIP() << "an ordinary user needs a line in /etc/subuid";
    fs::create_directories(root);
    // Scriptlets and triggers need a shell below the root; a static one is enough.
    fs::create_directories(root + "/bin");
    if (fs::exists("/bin/busybox")) fs::copy_file("/bin/busybox", root + "/bin/sh");
    fs::create_directories(root + "/etc");
    ASSERT_TRUE(write_file(root + "/etc/passwd", "root:x:0:0::/:/bin/sh\n", 0644));
    ASSERT_TRUE(write_file(root + "/etc/group", "root:x:0:\n", 0644));
  }
  static bool has_subordinate_ids() {
    const auto* user = ::getpwuid(::geteuid());
    return user && ("\n" + read_file("/etc/subuid").value_or("")).find(fmt::format("\n{}:", user->pw_name)) !=
                       std::string::npos;
  }
  std::string package(const Wanted& wanted, bool sign = true) {
    auto path = make_rpm(folder.path + "/packages", wanted);
    if (sign) key->sign_rpm(path);
    paths.push_back(path);
    return path;
  }
  Result<Solution> solve(const Request& request) {
    auto pool = Pool::create("x86_64").value();
    PHOTON_CHECK(pool.add_files("files", paths));
    PHOTON_CHECK(pool.add_installed(root));
    return pool.solve(request);
  }
  Result<void> install(const std::vector<std::string>& names, const Work& work = {}) {
    PHOTON_TRY(auto solution, solve({.install = names}));
    return run(solution, options, work);
  }
  [[nodiscard]] std::vector<std::string> query(const std::vector<std::string>& more) const {
    std::vector<std::string> argv{
        "rpm", "--root", root, "--dbpath", std::string(database_folder), "--define", "_db_backend sqlite"};
    argv.insert(argv.end(), more.begin(), more.end());
    auto out = run_program(argv);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < out.size();) {
      auto end = out.find('\n', at);
      lines.push_back(out.substr(at, end - at));
      at = end == std::string::npos ? out.size() : end + 1;
    }
    std::ranges::sort(lines);
    return lines;
  }
  static std::string run_program(std::vector<std::string> argv) {
    auto output = photon::run({.argv = std::move(argv)});
    return output ? output->out : "";
  }
  [[nodiscard]] std::string content(const std::string& path) const {
    return read_file(root + path).value_or("missing");
  }
};
Key* Transactions::key = nullptr;
fixtures::TempFolder* Transactions::shared = nullptr;
std::string Transactions::shell;

TEST_F(Transactions, InstallUpgradeAndRemove) {
  package({.name = "lib", .files = {{"/opt/lib", "1"}}});
  package({.name = "tool",
           .lines = {"Requires: lib"},
           .files = {{"/opt/tool", "1"}, {"/etc/tool.conf", "a", "%config(noreplace)"}}});
  std::vector<std::string> told;
  auto installed = install({"tool"}, {.progress = [&](const Progress& progress) {
                             told.push_back(progress.step + " " + progress.subject);
                           }});
  ASSERT_TRUE(installed) << sentence(installed.error());
  EXPECT_THAT(told, Contains("install lib-1-1.noarch"));
  EXPECT_THAT(query({"-qa"}), ElementsAre("lib-1-1.noarch", "tool-1-1.noarch"));
  EXPECT_EQ(content("/opt/tool"), "1");
  EXPECT_THAT(query({"-Va"}), ::testing::IsEmpty());
  EXPECT_FALSE(is_interrupted(root));

  ASSERT_TRUE(write_file(root + "/etc/tool.conf", "mine", 0644));
  package({.name = "tool",
           .version = "2",
           .lines = {"Requires: lib"},
           .files = {{"/opt/tool", "2"}, {"/etc/tool.conf", "b", "%config(noreplace)"}}});
  auto upgraded = run(solve({.update_all = true}).value(), options, {});
  ASSERT_TRUE(upgraded) << sentence(upgraded.error());
  EXPECT_EQ(content("/opt/tool"), "2");
  EXPECT_EQ(content("/etc/tool.conf"), "mine");

  auto removed = run(solve({.remove = {"tool"}}).value(), options, {});
  ASSERT_TRUE(removed) << sentence(removed.error());
  EXPECT_THAT(query({"-qa"}), ElementsAre("lib-1-1.noarch"));
  EXPECT_EQ(content("/opt/tool"), "missing");
}

TEST_F(Transactions, ScriptletsAndFileTriggersRunBelowTheRoot) {
  package({.name = "triggered", .scripts = "%transfiletriggerin -- /opt/data\ncat >> /seen\n"});
  package({.name = "data",
           .lines = {"Requires: triggered"},
           .files = {{"/opt/data/one", "1"}},
           .scripts = "%post\necho post >> /seen; echo quiet > /dev/null\n"});
  auto installed = install({"data"});
  ASSERT_TRUE(installed) << sentence(installed.error());
  EXPECT_THAT(content("/seen"), HasSubstr("post\n"));
  EXPECT_THAT(content("/seen"), HasSubstr("/opt/data/one"));
  EXPECT_TRUE(fs::is_empty(root + "/dev")) << "devices are mounted for the time of the transaction alone";

  fs::remove(root + "/seen");
  package({.name = "plain", .scripts = "%post\necho post >> /seen\n"});
  options.scripts = false;
  ASSERT_TRUE(install({"plain"}));
  EXPECT_EQ(content("/seen"), "missing");
}

TEST_F(Transactions, FailedScriptletIsToldWithItsWords) {
  package({.name = "bad", .scripts = "%post\necho the disk is made of cheese\nexit 3\n"});
  auto failed = install({"bad"});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "rpm.script");
  EXPECT_THAT(failed.error().message, HasSubstr("made of cheese"));
  EXPECT_FALSE(is_interrupted(root));
}

TEST_F(Transactions, UnsignedAndForgedAreRefusedBeforeAnythingChanges) {
  auto good = package({.name = "good", .files = {{"/opt/good", "1"}}});
  package({.name = "unsigned", .lines = {"Requires: good"}, .files = {{"/opt/unsigned", "1"}}}, false);
  auto refused = install({"unsigned"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "rpm.signature");
  EXPECT_EQ(content("/opt/good"), "missing");
  auto bytes = read_file(good).value();
  bytes[bytes.size() - 10] = char(bytes[bytes.size() - 10] ^ 1);
  ASSERT_TRUE(write_file(good, bytes));
  EXPECT_EQ(install({"good"}).error().code, "rpm.signature");
  options.keys.clear();
  EXPECT_EQ(install({"good"}).error().code, "rpm.keys");
}

TEST_F(Transactions, FileConflictsAndMissingOwnersAreErrors) {
  package({.name = "one", .files = {{"/opt/same", "1"}}});
  package({.name = "two", .files = {{"/opt/same", "2"}}});
  auto refused = install({"one", "two"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "rpm.file_conflict");
  EXPECT_THAT(refused.error().message, HasSubstr("/opt/same"));
  EXPECT_THAT(query({"-qa"}), ::testing::IsEmpty());
  package({.name = "owned", .files = {{"/opt/owned", "1", "%attr(0640,root,nobodyhome)"}}});
  auto owner = install({"owned"});
  ASSERT_FALSE(owner);
  // A package that rpm 4.20 has built requires group(nobodyhome), so that it is not even solved.
  EXPECT_THAT(owner.error().code, ::testing::AnyOf("rpm.owner", "rpm.unsolvable"));
  EXPECT_THAT(owner.error().message, HasSubstr("nobodyhome"));
}

TEST_F(Transactions, ATestChangesNothing) {
  package({.name = "lib", .files = {{"/opt/lib", "1"}}});
  options.test = true;
  ASSERT_TRUE(install({"lib"}));
  EXPECT_EQ(content("/opt/lib"), "missing");
  EXPECT_THAT(query({"-qa"}), ::testing::IsEmpty());
}

TEST_F(Transactions, ForeignArchitecturesInstallWithoutScripts) {
  package({.name = "foreign",
           .files = {{"/opt/foreign", "1"}},
           .scripts = "%post\necho post > /seen\n",
           .arch = "aarch64"});
  auto pool = Pool::create("aarch64").value();
  ASSERT_TRUE(pool.add_files("files", paths));
  auto solution = pool.solve({.install = {"foreign"}}).value();
  EXPECT_EQ(run(solution, options, {}).error().code, "rpm.arch");
  options.arch = "aarch64";
  auto installed = run(solution, options, {});
  ASSERT_TRUE(installed) << sentence(installed.error());
  EXPECT_EQ(content("/opt/foreign"), "1");
  EXPECT_EQ(content("/seen"), "missing");
}

// The scriptlet kills rpm's process, once: after the first package is in and before the last one is.
TEST_F(Transactions, KilledInTheMiddleIsCompletedByTheNext) {
  package({.name = "first", .files = {{"/opt/first", "1"}}});
  package({.name = "killer",
           .lines = {"Requires: first"},
           .files = {{"/opt/killer", "1"}},
           .scripts = "%post\n[ -e /killed ] || { : > /killed; kill -9 $PPID; }\necho completed > /post\n"});
  package({.name = "last", .lines = {"Requires: killer"}, .files = {{"/opt/last", "1"}}});
  auto killed = install({"last"});
  ASSERT_FALSE(killed);
  EXPECT_EQ(killed.error().code, "rpm.killed");
  EXPECT_THAT(killed.error().message, HasSubstr("in its middle"));
  EXPECT_TRUE(is_interrupted(root));
  EXPECT_EQ(content("/opt/last"), "missing");
  package({.name = "other", .files = {{"/opt/other", "1"}}});
  auto next = install({"other"});
  ASSERT_TRUE(next) << sentence(next.error());
  EXPECT_FALSE(is_interrupted(root));
  EXPECT_EQ(content("/post"), "completed\n");
  EXPECT_THAT(query({"-qa"}), ElementsAre("first-1-1.noarch", "killer-1-1.noarch", "last-1-1.noarch",
                                          "other-1-1.noarch", "shell-1-1.noarch"));
  EXPECT_THAT(query({"-Va"}), ::testing::IsEmpty());
}

TEST_F(Transactions, KilledInAnUpgradeLeavesNoTwoVersions) {
  package({.name = "tool", .files = {{"/opt/tool", "1"}}});
  ASSERT_TRUE(install({"tool"}));
  package({.name = "tool",
           .version = "2",
           .files = {{"/opt/tool", "2"}},
           .scripts = "%post\n[ -e /killed ] || { : > /killed; kill -9 $PPID; }\n"});
  auto upgrade = solve({.update_all = true}).value();
  EXPECT_EQ(run(upgrade, options, {}).error().code, "rpm.killed");
  EXPECT_EQ(query({"-q", "tool"}).size(), 2U);
  auto again = run(upgrade, options, {});
  ASSERT_TRUE(again) << sentence(again.error());
  EXPECT_THAT(query({"-q", "tool"}), ElementsAre("tool-2-1.noarch"));
  EXPECT_EQ(content("/opt/tool"), "2");
}

/// A transaction that upgrades, installs and removes, killed at a step of it.
struct KilledAt : Transactions, ::testing::WithParamInterface<const char*> {
  /// The stopped child of this process, waited for.
  static pid_t stopped_child() {
    for (int turn = 0; turn < 3000; ++turn) {
      for (const auto& task : fs::directory_iterator("/proc/self/task")) {
        std::istringstream children(read_file(task.path().string() + "/children").value_or(""));
        for (pid_t child = 0; children >> child;) {
          auto stat = read_file(fmt::format("/proc/{}/stat", child)).value_or("");
          if (auto end = stat.rfind(") T"); end != std::string::npos) return child;
        }
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return -1;
  }
};

TEST_P(KilledAt, TheNextOneCompletesIt) {
  package({.name = "tool", .files = {{"/opt/tool", "1"}}});
  package({.name = "old", .files = {{"/opt/old", "1"}}});
  ASSERT_TRUE(install({"tool", "old"}));
  package({.name = "tool", .version = "2", .lines = {"Requires: base"}, .files = {{"/opt/tool", "2"}}});
  package({.name = "base", .files = {{"/opt/base", "1"}}, .scripts = "%post\necho ran > /base\n"});
  auto solution = solve({.remove = {"old"}, .update_all = true}).value();
  ::setenv("DEVENV_STOP_AT", GetParam(), 1);
  Result<void> killed;
  std::thread runner([&] { killed = run(solution, options, {}); });
  pid_t child = stopped_child();
  ::unsetenv("DEVENV_STOP_AT");
  if (child > 0) ::kill(child, SIGKILL);
  runner.join();
  ASSERT_GT(child, 0) << "it did not come to " << GetParam();
  ASSERT_FALSE(killed);
  EXPECT_EQ(killed.error().code, "rpm.killed");
  EXPECT_TRUE(is_interrupted(root));
  auto again = run(solution, options, {});
  ASSERT_TRUE(again) << sentence(again.error());
  EXPECT_FALSE(is_interrupted(root));
  EXPECT_THAT(query({"-qa"}), ElementsAre("base-1-1.noarch", "shell-1-1.noarch", "tool-2-1.noarch"));
  EXPECT_THAT(query({"-Va"}), ::testing::IsEmpty());
  EXPECT_EQ(content("/opt/tool"), "2");
  EXPECT_EQ(content("/opt/old"), "missing");
  EXPECT_EQ(content("/base"), "ran\n");
}

INSTANTIATE_TEST_SUITE_P(AtEachStep, KilledAt,
                         ::testing::Values("install.journaled", "install.begun base", "install.unpacked base",
                                           "install.begun tool-2", "install.unpacked tool",
                                           "install.begun tool-1", "install.begun old", "install.ran"));

TEST_F(Transactions, KilledWithItsPackagesGoneSaysWhatToRun) {
  package({.name = "killer", .scripts = "%pre\nkill -9 $PPID\n"});
  EXPECT_EQ(install({"killer"}).error().code, "rpm.killed");
  fs::remove(paths.back());
  paths.pop_back();
  package({.name = "other"});
  auto refused = install({"other"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "rpm.interrupted");
  EXPECT_THAT(refused.error().hint, HasSubstr("rpm --root"));
}

TEST_F(Transactions, CancelledBeforeTheFirstChangeChangesNothing) {
  package({.name = "lib", .files = {{"/opt/lib", "1"}}});
  std::stop_source stop;
  stop.request_stop();
  auto cancelled = install({"lib"}, {.stop = stop.get_token()});
  EXPECT_EQ(query({"-qa"}).empty(), !cancelled);
}

TEST_F(Transactions, OfARootThatIsThrownAwayAreCancelledAtAnyMoment) {
  package({.name = "slow", .files = {{"/opt/slow", "1"}}, .scripts = "%post\nsleep 60.25\n"});
  options.disposable = true;
  std::stop_source stop;
  auto begun = std::chrono::steady_clock::now();
  auto cancelled = install({"slow"}, {.stop = stop.get_token(), .progress = [&](const Progress& progress) {
                                        if (progress.step == "install") stop.request_stop();
                                      }});
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().kind, Kind::cancelled) << sentence(cancelled.error());
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20));
  EXPECT_NE(photon::run({.argv = {"pgrep", "-f", "sleep 60.25"}})->status, 0) << "a scriptlet runs on";
}

// A tmpfs of 4 MiB in a mount namespace of a process of its own.
TEST_F(Transactions, AFullDiskIsToldBeforeAnythingChanges) {
  if (::geteuid() != 0) {
    EXPECT_NE(::geteuid(), 0U) << "mounting needs root; the case is the same for the others";
    return;
  }
  std::string random = must({"sh", "-c", "head -c 6000000 /dev/urandom | base64 -w0"});
  package({.name = "small", .files = {{"/opt/small", "1"}}});
  package({.name = "large", .lines = {"Requires: small"}, .files = {{"/opt/large", random}}});
  pid_t child = ::fork();
  if (child == 0) {
    if (::unshare(CLONE_NEWNS) != 0 || part_mounts(MS_PRIVATE) != 0 ||
        ::mount("tmpfs", root.c_str(), "tmpfs", 0, "size=4m") != 0)
      ::_exit(20);
    auto full = install({"large"});
    if (full) ::_exit(21);
    fmt::print(stderr, "{}\n", sentence(full.error()));
    if (full.error().kind != Kind::no_space) ::_exit(22);
    ::_exit(content("/opt/small") == "missing" ? 0 : 23);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace photon::rpm::testing

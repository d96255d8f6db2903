// What is refused, and that it leaves what is published alone.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "devenv/core/mounts.hpp"
#include "tests/integration/forge_publish/workshop.hpp"

namespace photon::forge::tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Refused : public PublishTest {};

TEST_F(Refused, TwoRecipesThatMakeTheSamePackage) {
  auto refused = publish_all({built({}), built({.version = "2.0", .recipe = "orchard"})});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "publish.twice");
  EXPECT_EQ(refused.error().message, "both apple and orchard make a package apple");
}

TEST_F(Refused, NothingToPublish) {
  auto refused = publish_all({built({.name = "fig", .arch = "aarch64", .built_for = "aarch64"})});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "publish.nothing");
  EXPECT_FALSE(fs::exists(options_.folder));
}

TEST_F(Refused, AFolderWhoseRepodataSomebodyElseMade) {
  fs::create_directories(at("repodata"));
  ASSERT_TRUE(write_file(at("repodata/repomd.xml"), "<repomd/>"));
  auto refused = publish_all({built({})});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "publish.foreign");
  EXPECT_EQ(text_of(at("repodata/repomd.xml")), "<repomd/>");
}

TEST_F(Refused, AFaultyAdvisoryByLine) {
  options_.advisories = folder_.path + "/advisories";
  fs::create_directories(options_.advisories);
  ASSERT_TRUE(write_file(options_.advisories + "/X-1.toml", "id = \"X-1\"\ntype = \"rumour\"\n"));
  auto refused = publish_all({built({})});
  ASSERT_FALSE(refused);
  EXPECT_THAT(sentence(refused.error()), HasSubstr("X-1.toml:2:"));
  EXPECT_FALSE(fs::exists(options_.folder));
}

TEST_F(Refused, ATruncatedPackage) {
  auto apple = built({});
  must_publish({apple});
  auto pear = built({.name = "pear"});
  auto path = store_->path_of(pear.outputs[0]);
  auto bytes = read_file(path).value();
  fs::remove(path);
  ASSERT_TRUE(write_file(path, bytes.substr(0, bytes.size() / 2)));
  auto refused = publish_all({apple, pear});
  EXPECT_FALSE(refused);
  EXPECT_THAT(read_repository(options_.folder).packages, SizeIs(1));
}

TEST_F(Refused, AnythingOnceItIsCancelled) {
  std::stop_source stop;
  stop.request_stop();
  auto refused = publish({built({})}, options_, the_key(), *store_, {.stop = stop.get_token()});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::cancelled);
  EXPECT_FALSE(fs::exists(at("repodata")));
}

TEST_F(Refused, ADamagedKey) {
  auto keys = folder_.path + "/keys";
  fs::copy(the_key().folder, keys, fs::copy_options::recursive);
  ASSERT_TRUE(write_file(keys + "/signing/public.asc", "nothing"));
  auto refused = ensure_key(keys, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "publish.key");
}

TEST_F(Refused, KeyIsPrivateAndMadeOnceAndItsAgentEnds) {
  auto again = ensure_key(the_key().folder, {});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->fingerprint, the_key().fingerprint);
  EXPECT_THAT(again->public_key, HasSubstr("BEGIN PGP PUBLIC KEY BLOCK"));
  EXPECT_EQ(fs::status(the_key().folder).permissions() & fs::perms::all, fs::perms::owner_all);
  must_publish({built({})});
  // It is told to end, and does so in its own time.
  auto agents = [] {
    std::string found;
    for (const auto& process : fs::directory_iterator("/proc")) {
      auto line = text_of(process.path() / "cmdline");
      if (line.find("gpg-agent") != std::string::npos && line.find(the_key().folder) != std::string::npos)
        found += line;
    }
    return found;
  };
  for (int left = 100; left > 0 && !agents().empty(); --left)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(agents(), "");
}

TEST_F(Refused, AStoreWhosePathIsTooLongForSocketsIsFineForTheKey) {
  auto keys = folder_.path + "/" + std::string(100, 'k');
  fs::copy(the_key().folder, keys, fs::copy_options::recursive);
  auto key = ensure_key(keys, {});
  ASSERT_TRUE(key);
  auto published = publish({built({})}, options_, *key, *store_, {});
  EXPECT_TRUE(published) << sentence(published.error());
}

/// A thread with a small disk of its own: as root a mount namespace, else a user namespace for it.
TEST_F(Refused, AFullDiskLeavesWhatIsPublishedAndAllIsWellOnceThereIsSpace) {
  auto apple = built({}), pear = built({.name = "pear"});
  auto disk = folder_.path + "/disk";
  fs::create_directories(disk);
  options_.folder = disk + "/repository";
  (void)the_key();
  pid_t child = ::fork();
  if (child == 0) {
    auto user = fmt::format("{0} {0} 1", ::geteuid()), group = fmt::format("{0} {0} 1", ::getegid());
    int flags = CLONE_NEWNS | (::geteuid() == 0 ? 0 : CLONE_NEWUSER);
    if (::unshare(flags) != 0) ::_exit(19);
    if ((flags & CLONE_NEWUSER) != 0) {
      for (const auto& [file, line] :
           {std::pair{"setgroups", std::string("deny")}, {"uid_map", user}, {"gid_map", group}}) {
        Fd map(::open((std::string("/proc/self/") + file).c_str(), O_WRONLY | O_CLOEXEC));
        if (!write_all(map.get(), line)) ::_exit(18);
      }
    }
    if (part_mounts(MS_PRIVATE) != 0 || ::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=1m,mode=755") != 0)
      ::_exit(20);
    if (!publish_all({apple})) ::_exit(21);
    auto before = read_repository(options_.folder);
    auto left = free_space(disk);
    (void)write_file(disk + "/ballast", std::string(left > 4096 ? left - 4096 : 0, 'x'));
    auto refused = publish_all({apple, pear});
    if (refused) ::_exit(22);
    if (refused.error().kind != Kind::no_space) {
      fmt::print(stderr, "{}\n", sentence(refused.error()));
      ::_exit(23);
    }
    auto seen = read_repository(options_.folder);
    if (!seen.fault.empty() || seen.packages != before.packages) ::_exit(24);
    fs::remove(disk + "/ballast");
    ::_exit(publish_all({apple, pear}) ? 0 : 25);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace photon::forge::tests

// Build roots out of RPMs, real ones made by rpmbuild.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devenv/core/digest.hpp"
#include "devenv/core/process.hpp"
#include "tests/integration/forge_sandbox/inside.hpp"

namespace photon::forge {
namespace {

struct Tree : testing::Test, AnySandbox {
  std::string cache = folder.path + "/cache";

  /// A package whose %install is `script`; everything that it makes is packed.
  std::string package(const std::string& name, const std::string& script) {
    std::string top = folder.path + "/rpmbuild-" + name;
    std::filesystem::create_directories(top);
    std::string spec = fmt::format(
        "Name: {}\nVersion: 1\nRelease: 1\nSummary: x\nLicense: MIT\nBuildArch: noarch\nAutoReqProv: no\n"
        "%description\nx\n%install\nmkdir -p %{{buildroot}}; cd %{{buildroot}}\n{}\n"
        "find . -mindepth 1 \\( -type d -printf '%%%%%%%%dir /%%P\\n' -o -printf '/%%P\\n' \\) > "
        "%{{_topdir}}/files\n"
        "%files -f %{{_topdir}}/files\n",
        name, script);
    EXPECT_TRUE(write_file(top + "/x.spec", spec));
    auto made =
        photon::run({.argv = {"rpmbuild", "-bb", "--define", "_topdir " + top, "--define", "_dbpath " + top,
                              "--define", "__os_install_post %{nil}", top + "/x.spec"}});
    EXPECT_TRUE(made && made->status == 0) << (made ? made->err : sentence(made.error()));
    return top + "/RPMS/noarch/" + name + "-1-1.noarch.rpm";
  }
  static std::string digest(const std::string& rpm) {
    return sha256_hex(read_file(rpm, 1 << 28).value_or(""));
  }
  Result<std::string> compose(const std::vector<std::string>& rpms) {
    std::vector<std::string> sums;
    for (const auto& rpm : rpms) sums.push_back(digest(rpm));
    return compose_tree(rpms, sums, cache, {});
  }
};

TEST_F(Tree, HoldsTheFilesOfAllPackagesOnceAndSharesThem) {
  std::string one =
      package("one",
              "mkdir -p usr/bin bin; echo 1 > usr/bin/one; chmod 4755 usr/bin/one; echo s > bin/sh1; "
              "ln usr/bin/one usr/bin/uno; ln -s one usr/bin/eins; touch -d @1000000000 usr/bin/one");
  std::string two =
      package("two", "mkdir -p usr/bin usr/share/two; echo 2 > usr/bin/two; : > usr/share/two/empty");
  auto both = compose({one, two});
  ASSERT_TRUE(both) << sentence(both.error());
  EXPECT_EQ(read_file(*both + "/usr/bin/one").value(), "1\n");
  EXPECT_EQ(read_file(*both + "/usr/bin/uno").value(), "1\n");
  EXPECT_EQ(read_file(*both + "/usr/bin/eins").value(), "1\n");
  EXPECT_EQ(read_file(*both + "/usr/bin/sh1").value(), "s\n") << "/bin is /usr/bin";
  EXPECT_EQ(read_file(*both + "/bin/two").value(), "2\n");
  EXPECT_EQ(std::filesystem::read_symlink(*both + "/lib").string(), "usr/lib");
  struct stat about{};
  ASSERT_EQ(::stat((*both + "/usr/bin/one").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0755U) << "no set-user-id";
  EXPECT_EQ(about.st_mtime, 1000000000);
  auto again = compose({two, one});
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *both) << "a set has no order";
  auto alone = compose({one});
  ASSERT_TRUE(alone);
  EXPECT_NE(*alone, *both);
  struct stat other{};
  ASSERT_EQ(::stat((*alone + "/usr/bin/one").c_str(), &other), 0);
  EXPECT_EQ(about.st_ino, other.st_ino) << "the bytes are there once";
}

TEST_F(Tree, ALinkOfAPackageDoesNotLeadOutOfIt) {
  std::string victim = folder.path + "/victim";
  std::filesystem::create_directories(victim);
  std::string evil = package(
      "evil", "mkdir -p opt; ln -s " + victim + " opt/out; ln -s ../../../../../.." + victim + " opt/up");
  std::string next = package("next", "mkdir -p opt/out opt/up; echo x > opt/out/x; echo x > opt/up/x");
  (void)compose({evil, next});
  EXPECT_TRUE(std::filesystem::is_empty(victim));
}

TEST_F(Tree, RefusesATruncatedPackageAndKeepsNothing) {
  std::string rpm = package("one", "mkdir -p usr/bin; head -c 300000 /dev/urandom > usr/bin/one");
  ASSERT_EQ(::truncate(rpm.c_str(), 200000), 0);
  auto tree_of = compose({rpm});
  ASSERT_FALSE(tree_of);
  EXPECT_EQ(tree_of.error().kind, Kind::corrupt);
  EXPECT_NE(tree_of.error().message.find(rpm), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_empty(cache + "/trees"));
  EXPECT_TRUE(std::filesystem::is_empty(cache + "/packages"));
}

TEST_F(Tree, RefusesWhatIsNoPackage) {
  std::string file = folder.path + "/x.rpm";
  ASSERT_TRUE(write_file(file, std::string(4096, 'x')));
  auto tree_of = compose({file});
  ASSERT_FALSE(tree_of);
  EXPECT_EQ(tree_of.error().kind, Kind::corrupt);
}

TEST_F(Tree, IsRemovedWhenItWasNotUsedForLong) {
  auto made = compose({package("one", "mkdir -p usr/bin; head -c 100000 /dev/urandom > usr/bin/one")});
  ASSERT_TRUE(made) << sentence(made.error());
  EXPECT_EQ(collect_trees(cache, 0).value(), 0U) << "just used";
  for (const auto& path :
       {*made, cache + "/packages/" +
                   std::filesystem::directory_iterator(cache + "/packages")->path().filename().string()}) {
    timespec old[2] = {{1000000000, 0}, {1000000000, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), old, 0), 0);
  }
  EXPECT_EQ(collect_trees(cache, 1ULL << 40).value(), 0U) << "there is room";
  EXPECT_GE(collect_trees(cache, 0).value(), 100000U);
  EXPECT_TRUE(std::filesystem::is_empty(cache + "/trees"));
  EXPECT_TRUE(std::filesystem::is_empty(cache + "/packages"));
}

}  // namespace
}  // namespace photon::forge

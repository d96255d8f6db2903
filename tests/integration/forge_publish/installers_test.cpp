// The tools of the RPM world take what we publish, and refuse what somebody changed.
#include <unistd.h>

#include <filesystem>

#include "packages/forge/publish/report.hpp"
#include "tests/integration/forge_publish/workshop.hpp"

namespace photon::forge::tests {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Installers : public PublishTest {
 protected:
  void SetUp() override {
    PublishTest::SetUp();
    options_.advisories = folder_.path + "/advisories";
    fs::create_directories(options_.advisories);
    ASSERT_TRUE(write_file(options_.advisories + "/PHOTON-2026-0001.toml", R"(id = "PHOTON-2026-0001"
type = "security"
severity = "Important"
title = "apple: a worm"
description = "It may bite."
issued = "2026-11-27"
cves = ["CVE-2026-0001"]
packages = ["apple-2.0-1"]
)"));
    must_publish({built({}), built({.name = "pear", .needs = "apple"})});
    root_ = folder_.path + "/root";
    fs::create_directories(root_);
  }

  Output dnf(std::vector<std::string> words, int status = 0) {
    for (const char* each : {"/none", "/log"}) fs::create_directories(folder_.path + each);
    std::vector<std::string> argv = {
        "dnf", "-y", "--installroot=" + root_, "--releasever=1", "--forcearch=x86_64", "--noplugins",
        "--setopt=reposdir=" + folder_.path + "/none", "--setopt=cachedir=" + folder_.path + "/cache",
        "--setopt=logdir=" + folder_.path + "/log", "--setopt=persistdir=" + folder_.path + "/state",
        "--repofrompath=photon,file://" + options_.folder, "--setopt=photon.gpgcheck=1",
        "--setopt=photon.repo_gpgcheck=1", "--setopt=photon.gpgkey=file://" + at("RPM-GPG-KEY-photon"),
        // Not metadata_expire=0: what was fetched in this very second counts as fresh.
        "--refresh"};
    argv.insert(argv.end(), words.begin(), words.end());
    // dnf asks to be root, whatever it installs into.
    if (::geteuid() != 0) argv.insert(argv.begin(), {"unshare", "--map-root-user"});
    return must_run(std::move(argv), {{"HOME", folder_.path}}, status);
  }

  std::string root_;
};

TEST_F(Installers, RpmVerifiesEachPackageWithTheKeyOfTheRepository) {
  auto database = folder_.path + "/database";
  must_run({"rpmkeys", "--dbpath", database, "--import", at("RPM-GPG-KEY-photon")});
  for (const auto& package : read_repository(options_.folder).packages) {
    auto output = must_run({"rpmkeys", "--dbpath", database, "-Kv", at(package)});
    EXPECT_THAT(output.out, AllOf(HasSubstr("Header V4 RSA/SHA256 Signature"), Not(HasSubstr("NOKEY")),
                                  Not(HasSubstr("BAD"))));
  }
}

TEST_F(Installers, GnuPGVerifiesTheSignatureOfTheMetadata) {
  auto home = folder_.path + "/gnupg";
  ASSERT_TRUE(make_directories(home));
  must_run({"gpg", "--batch", "--no-autostart", "--import", at("RPM-GPG-KEY-photon")}, {{"GNUPGHOME", home}});
  auto output = must_run({"gpg", "--batch", "--no-autostart", "--status-fd=1", "--verify",
                          at("repodata/repomd.xml.asc"), at("repodata/repomd.xml")},
                         {{"GNUPGHOME", home}});
  EXPECT_THAT(output.out, HasSubstr("VALIDSIG " + the_key().fingerprint));
}

TEST_F(Installers, DnfInstallsWithBothSignaturesChecked) {
  dnf({"install", "pear"});
  EXPECT_EQ(text_of(root_ + "/usr/share/apple/taste"), "apple 1.0\n");
  EXPECT_EQ(text_of(root_ + "/usr/share/pear/taste"), "pear 1.0\n");
}

TEST_F(Installers, DnfNamesTheAdvisoryOfAnUpdate) {
  dnf({"install", "apple"});
  must_publish({built({.version = "2.0"}), built({.name = "pear", .needs = "apple"})});
  auto output = dnf({"updateinfo", "list", "--security"});
  EXPECT_THAT(output.out, AllOf(HasSubstr("PHOTON-2026-0001"), HasSubstr("Important/Sec."),
                                HasSubstr("apple-2.0-1.x86_64")));
  dnf({"update", "--advisory=PHOTON-2026-0001"});
  EXPECT_EQ(text_of(root_ + "/usr/share/apple/taste"), "apple 2.0\n");
}

TEST_F(Installers, DnfRefusesChangedMetadata) {
  auto repomd = read_file(at("repodata/repomd.xml")).value();
  ASSERT_TRUE(write_file(at("repodata/repomd.xml"), repomd + "<!-- -->\n", 0644));
  auto output = dnf({"install", "pear"}, 1);
  EXPECT_FALSE(fs::exists(root_ + "/usr/share/pear"));
  EXPECT_THAT(output.err, HasSubstr("GPG"));
}

TEST_F(Installers, DnfRefusesAPackageOfOtherBytes) {
  for (const auto& package : read_repository(options_.folder).packages) {
    auto bytes = read_file(at(package)).value();
    bytes[bytes.size() - 20] ^= 1;
    fs::remove(at(package));
    ASSERT_TRUE(write_file(at(package), bytes, 0644));
  }
  dnf({"install", "pear"}, 1);
  EXPECT_FALSE(fs::exists(root_ + "/usr/share/pear"));
}

TEST_F(Installers, ZypperInstallsWithBothSignaturesChecked) {
  auto repos = root_ + "/etc/zypp/repos.d";
  fs::create_directories(repos);
  ASSERT_TRUE(write_file(repos + "/photon.repo",
                         fmt::format("[photon]\nname=photon\nenabled=1\nautorefresh=0\nbaseurl=dir:{}"
                                     "\ngpgcheck=1\nrepo_gpgcheck=1\npkg_gpgcheck=1\ngpgkey=file://{}\n",
                                     options_.folder, at("RPM-GPG-KEY-photon"))));
  std::vector<std::string> zypper = {"zypper", "--root", root_, "--non-interactive",
                                     "--gpg-auto-import-keys"};
  auto with = [&](std::vector<std::string> words) {
    words.insert(words.begin(), zypper.begin(), zypper.end());
    return must_run(std::move(words), {{"HOME", folder_.path}, {"ZYPP_LOCKFILE_ROOT", root_}});
  };
  with({"refresh"});
  with({"install", "--no-recommends", "pear"});
  EXPECT_EQ(text_of(root_ + "/usr/share/pear/taste"), "pear 1.0\n");
}

}  // namespace
}  // namespace photon::forge::tests

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "devenv/git/git.hpp"
#include "devenv/git/url.hpp"

namespace photon::git {
namespace {

struct Good {
  const char* text;
  const char* url;
  const char* ref;
  const char* commit;
  const char* name;
  const char* label;
};
constexpr Good goods[] = {
    {"https://github.com/acme/web", "https://github.com/acme/web", "", "", "web", "acme/web"},
    {"https://github.com/acme/web.git/", "https://github.com/acme/web.git", "", "", "web", "acme/web"},
    {"HTTPS://h:8443/acme/web#main", "https://h:8443/acme/web", "main", "", "web", "acme/web"},
    {"https://me@h/web#feature/x", "https://me@h/web", "feature/x", "", "web", "web"},
    {"https://h/a/b#pull/42", "https://h/a/b", "refs/pull/42/head", "", "b", "a/b"},
    {"https://h/a/b#merge-requests/7", "https://h/a/b", "refs/merge-requests/7/head", "", "b", "a/b"},
    {"https://h/a/b#pull/x", "https://h/a/b", "pull/x", "", "b", "a/b"},
    {"https://h/a/b#refs/tags/v1", "https://h/a/b", "refs/tags/v1", "", "b", "a/b"},
    {"https://h/a/b@1a2b3c4", "https://h/a/b", "", "1a2b3c4", "b", "a/b"},
    {"https://h/a/b#main@1a2b3c4d", "https://h/a/b", "main", "1a2b3c4d", "b", "a/b"},
    {"https://h/a/b#user@home", "https://h/a/b", "user@home", "", "b", "a/b"},
    {"https://h/a/b#0123456789012345678901234567890123456789", "https://h/a/b", "",
     "0123456789012345678901234567890123456789", "b", "a/b"},
    {"git@github.com:acme/web.git", "git@github.com:acme/web.git", "", "", "web", "acme/web"},
    {"git@h:web@1a2b3c4", "git@h:web", "", "1a2b3c4", "web", "web"},
    {"h:deep/er/web.git#v1", "h:deep/er/web.git", "v1", "", "web", "er/web"},
    {"ssh://git@h:2222/acme/web.git", "ssh://git@h:2222/acme/web.git", "", "", "web", "acme/web"},
    {"git+ssh://h/acme/web", "ssh://h/acme/web", "", "", "web", "acme/web"},
    {"ssh://[::1]:2222/acme/web", "ssh://[::1]:2222/acme/web", "", "", "web", "acme/web"},
    {"git://h/web", "git://h/web", "", "", "web", "web"},
    {"file:///srv/acme/web.git", "file:///srv/acme/web.git", "", "", "web", "acme/web"},
};

TEST(ParseSource, TakesEveryForm) {
  for (const auto& good : goods) {
    auto source = parse_source(good.text, "/");
    ASSERT_TRUE(source) << good.text << ": " << source.error().message;
    EXPECT_EQ(source->url, good.url) << good.text;
    EXPECT_EQ(source->ref, good.ref) << good.text;
    EXPECT_EQ(source->commit, good.commit) << good.text;
    EXPECT_EQ(source->name, good.name) << good.text;
    EXPECT_EQ(source->label, good.label) << good.text;
    EXPECT_FALSE(source->local) << good.text;
  }
}

TEST(ParseSource, RefusesWhatIsNoAddress) {
  for (std::string_view bad : {"",
                               "-upload-pack=x",
                               "--help",
                               "ext::sh -c id",
                               "fd::17",
                               "transport::https://h/x",
                               "https://",
                               "https://h",
                               "https://h/",
                               "ftp://h/x",
                               "javascript://h/x",
                               "ssh://-oProxyCommand=id/x",
                               "-x@h:p",
                               "git@-h:p",
                               "h:-path",
                               "ssh://-u@h/p",
                               "https://h/a\nb",
                               "https://h/a\x7f",
                               "https://h:port/a",
                               "https://h/a#",
                               "https://h/a#-x",
                               "https://h/a#a..b",
                               "https://h/a#a b",
                               "https://h/a#a:b",
                               "https://h/a#refs/*",
                               "https://h/a#.x",
                               "https://h/a@nothex",
                               "ssh://[::1/x",
                               "https://a b/c",
                               "file://host/x",
                               "git@h:"}) {
    auto source = parse_source(bad, "/");
    ASSERT_FALSE(source) << bad << " gave " << source->url;
    EXPECT_EQ(source.error().kind, Kind::usage) << bad;
    EXPECT_FALSE(source.error().hint.empty()) << bad;
    EXPECT_EQ(source.error().message.find_first_of("\n\x1b\x7f"), std::string::npos) << bad;
  }
}

TEST(ParseSource, KeepsNoPassword) {
  for (std::string_view bad : {"https://me:hunter2@h/a/b", "https://:hunter2@h/a", "ssh://me:hunter2@h/a",
                               "https://ghp_hunter2@github.com/a/b", "https://x:hunter2@h/a#main"}) {
    auto source = parse_source(bad, "/");
    ASSERT_FALSE(source) << bad;
    EXPECT_EQ(source.error().code, "source.password");
    EXPECT_EQ(source.error().message.find("hunter2"), std::string::npos) << source.error().message;
    EXPECT_NE(source.error().hint.find("devenv login"), std::string::npos);
    EXPECT_EQ(parse_url(bad.substr(0, bad.find('#')))->text().find("hunter2"), std::string::npos);
  }
}

class Folders : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/photon-source-XXXXXX";
    root_ = std::filesystem::canonical(mkdtemp(pattern));
    std::filesystem::create_directories(root_ / "acme/web");
    std::filesystem::create_directories(root_ / "odd#name");
    for (const char* folder : {"bare.git/objects", "bare.git/refs"})
      std::filesystem::create_directories(root_ / folder);
    ASSERT_EQ(mknod((root_ / "bare.git/HEAD").c_str(), S_IFREG | 0600, 0), 0);
    std::filesystem::create_symlink("acme/web", root_ / "link");
  }
  void TearDown() override { std::filesystem::remove_all(root_); }
  std::filesystem::path root_;
};

TEST_F(Folders, AreUsedInPlaceByTheirRealPath) {
  auto web = (root_ / "acme/web").string();
  for (std::string text : {web, std::string("acme/web"), std::string("./acme/web/"), std::string("link")}) {
    auto source = parse_source(text, root_.string());
    ASSERT_TRUE(source) << text << ": " << source.error().message;
    EXPECT_TRUE(source->local);
    EXPECT_EQ(source->url, web);
    EXPECT_EQ(source->name, "web");
  }
  auto odd = parse_source("odd#name", root_.string());
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->url, (root_ / "odd#name").string());
}

TEST_F(Folders, AreClonedWhenBareOrWithARef) {
  auto bare = parse_source("bare.git", root_.string());
  ASSERT_TRUE(bare);
  EXPECT_FALSE(bare->local);
  EXPECT_EQ(bare->url, "file://" + (root_ / "bare.git").string());
  auto branch = parse_source("./acme/web#topic", root_.string());
  ASSERT_TRUE(branch);
  EXPECT_FALSE(branch->local);
  EXPECT_EQ(branch->ref, "topic");
}

TEST_F(Folders, ThatAreMissingAreNotFound) {
  for (const char* text : {"./nothing", "/nothing/here", "nothing", "acme/nothing", "../none-of-these"}) {
    auto source = parse_source(text, root_.string());
    ASSERT_FALSE(source) << text;
    EXPECT_EQ(source.error().kind, Kind::not_found);
  }
  auto file = parse_source("bare.git/HEAD", root_.string());
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().kind, Kind::usage);
}

TEST(SubmoduleUrl, IsRelativeToItsParent) {
  EXPECT_EQ(*submodule_url("https://h/acme/web", "../lib.git"), "https://h/acme/lib.git");
  EXPECT_EQ(*submodule_url("https://h/acme/web", "./lib"), "https://h/acme/web/lib");
  EXPECT_EQ(*submodule_url("git@h:acme/web.git", "../lib"), "git@h:acme/lib");
  EXPECT_EQ(*submodule_url("git@h:web.git", "../lib"), "git@h:lib");
  EXPECT_EQ(*submodule_url("https://h/a/b", "https://other/c"), "https://other/c");
  EXPECT_EQ(*submodule_url("file:///srv/a", "../b"), "file:///srv/b");
}

TEST(SubmoduleUrl, MayNotReachOut) {
  for (std::string_view bad : {"file:///etc", "/etc", "-oProxy", "ext::sh", "../x/../../y",
                               "../../../../x/..", "https://u:p@h/x", "../a\nb"})
    EXPECT_FALSE(submodule_url("https://h/a/b", bad)) << bad;
  EXPECT_FALSE(submodule_url("git@h:web.git", "../-oProxy"));
}

}  // namespace
}  // namespace photon::git

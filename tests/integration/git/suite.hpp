// What the suites of cloning share: one repository behind a server, and a place for clones.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <mutex>

#include "devenv/core/fd.hpp"
#include "devenv/git/git.hpp"
#include "tests/fixtures/git/fixtures.hpp"

namespace photon::git {

class CloneSuite : public testing::Test {
 protected:
  void SetUp() override {
    tests::make_repository(work_tree(), 60);
    publish();
  }
  [[nodiscard]] std::string work_tree() const { return folder / "work"; }
  [[nodiscard]] std::string served() const { return folder / "served"; }
  void publish() {
    std::filesystem::remove_all(served() + "/acme/web.git");
    tests::git(folder.path(), {"clone", "-q", "--bare", work_tree(), served() + "/acme/web.git"});
  }
  CloneRequest request(const std::string& text, const std::string& name = "clone") {
    auto source = parse_source(text, "/");
    EXPECT_TRUE(source) << source.error().message;
    CloneRequest request{.source = *source, .cache = folder / "cache", .target = folder / name};
    request.credentials.use_git_helpers = false;
    request.credentials.home = folder / "home";
    request.uid = ::geteuid();
    request.gid = ::getegid();
    request.borrower = "env-" + name;
    return request;
  }
  Result<Cloned> clone_quietly(const CloneRequest& request) { return clone(request, Work{}); }

  tests::TemporaryFolder folder;
};

}  // namespace photon::git

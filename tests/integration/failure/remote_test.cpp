// Repositories and registries that are away, closed or false.
#include "devenv/core/digest.hpp"
#include "tests/fixtures/free_port.hpp"
#include "tests/integration/failure/suite.hpp"
#include "tests/integration/image/tiny_server.hpp"

namespace photon::tests {
namespace {

using fixtures::HttpAnswer;
using fixtures::HttpRequest;
using fixtures::TinyServer;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view good = R"({"image": "devenv/base:latest"})";

using Remote = FailureTest;

/// What was cloned or is half there.
std::vector<std::string> workspaces(const Home& home) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& one : std::filesystem::directory_iterator(home.paths().data + "/environments", error))
    found.push_back(one.path());
  return found;
}

TEST_F(Remote, ARepositoryThatIsNotThereIsNotFoundAndLeavesNothing) {
  GitHttpServer server(*home / "empty-root");
  auto up = home->devenv({"up", server.url("acme/none.git")});
  EXPECT_EQ(up.status, 3) << up.err;
  EXPECT_THAT(up.err, AllOf(HasSubstr(server.url("acme/none.git")), IsAWellFormedError()));
  EXPECT_THAT(home->names(), IsEmpty());
  EXPECT_THAT(workspaces(*home), IsEmpty());
}

TEST_F(Remote, AFolderThatIsNotThereIsNotFound) {
  for (const char* path : {"./none", "/nonexistent/folder"}) {
    auto up = home->devenv({"up", path});
    EXPECT_EQ(up.status, 3) << up.err;
    EXPECT_THAT(up.err, IsAWellFormedError());
  }
  auto file = home->devenv({"up", "/etc/passwd"});
  EXPECT_EQ(file.status, 2) << file.err;
  EXPECT_THAT(file.err, AllOf(HasSubstr("not a folder"), IsAWellFormedError()));
}

TEST_F(Remote, AnUnreachableServerIsUnavailable) {
  auto refused = home->devenv({"up", fmt::format("http://127.0.0.1:{}/web.git", fixtures::free_port())});
  EXPECT_EQ(refused.status, 6) << refused.err;
  EXPECT_THAT(refused.err, AllOf(HasSubstr("cannot reach 127.0.0.1"), IsAWellFormedError()));
  auto unknown = home->devenv({"up", "http://no-such-host.invalid/web.git"});
  EXPECT_EQ(unknown.status, 6) << unknown.err;
  EXPECT_THAT(unknown.err, AllOf(HasSubstr("no-such-host.invalid"), IsAWellFormedError()));
  EXPECT_THAT(home->names(), IsEmpty());
}

TEST_F(Remote, AClosedRepositoryAsksForALoginByName) {
  make_project_repository(*home / "closed/private.git", good);
  GitHttpServer server(*home / "closed", {.user = "ada", .password = "secret-word"});
  auto none = home->devenv({"up", server.url("private.git")});
  EXPECT_EQ(none.status, 5) << none.err;
  EXPECT_THAT(none.err, AllOf(HasSubstr("asks for a login, and none was found"), HasSubstr("devenv login"),
                              IsAWellFormedError()));
  auto wrong =
      home->devenv({"up", fmt::format("http://ada:wrong-word@127.0.0.1:{}/private.git", server.port())});
  EXPECT_EQ(wrong.status, 2) << wrong.err;
  EXPECT_THAT(wrong.err, AllOf(HasSubstr("has a password in it"), IsAWellFormedError()));
  EXPECT_EQ(wrong.err.find("wrong-word"), std::string::npos) << wrong.err;
  EXPECT_THAT(home->names(), IsEmpty());
}

TEST_F(Remote, ABranchThatIsNotThereIsNamed) {
  make_project_repository(*home / "branches/web.git", good);
  GitHttpServer server(*home / "branches");
  auto up = home->devenv({"up", server.url("web.git#mian")});
  EXPECT_EQ(up.status, 3) << up.err;
  EXPECT_THAT(up.err, AllOf(HasSubstr("mian"), IsAWellFormedError()));
  EXPECT_THAT(home->names(), IsEmpty());
}

TEST_F(Remote, SomethingThatIsNoAddressIsRefused) {
  for (const char* address :
       {"ftp://example.org/x", "http://", "https://a b/c", "ext::sh -c id", "-x://y/z"}) {
    SCOPED_TRACE(address);
    auto up = home->devenv({"up", "--", address});
    EXPECT_TRUE(up.status == 2 || up.status == 3) << up.status << up.err;
    EXPECT_THAT(up.err, IsAWellFormedError());
  }
}

/// A registry with one image, spoilt as told.
struct FalseRegistry {
  std::string layer = "not what was promised";
  std::string manifest;
  std::string config = R"({"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}})";
  bool closed = false;
  TinyServer server{[this](const HttpRequest& request) { return answer(request); }};

  FalseRegistry() {
    manifest = fmt::format(
        R"({{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
        R"("config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{}","size":{}}},)"
        R"("layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{}","size":{}}}]}})",
        sha256_digest(config), config.size(), sha256_digest("what was promised...."), layer.size());
  }
  HttpAnswer answer(const HttpRequest& request) const {
    if (closed) return {401, {"WWW-Authenticate: Basic realm=\"r\""}, ""};
    if (request.target.ends_with("/v2/team/false/manifests/1"))
      return {200, {"Content-Type: application/vnd.oci.image.manifest.v1+json"}, manifest};
    if (request.target.ends_with(sha256_digest(config))) return {200, {}, config};
    if (request.target.find("/blobs/") != std::string::npos) return {200, {}, layer};
    return {404, {}, R"({"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]})"};
  }
};

TEST_F(Remote, AnImageThatDoesNotExistIsNamedAndUpGoesOnOnceItDoes) {
  FalseRegistry registry;
  auto folder = project("imageless", fmt::format(R"({{"image": "{}/team/none:2"}})", registry.server.host()));
  auto up = home->devenv({"up"}, folder);
  EXPECT_EQ(up.status, 3) << up.err;
  EXPECT_THAT(up.err, AllOf(HasSubstr("does not have team/none:2"), IsAWellFormedError()));
  project("imageless", good);
  EXPECT_EQ(home->devenv({"up"}, folder).status, 0);
}

TEST_F(Remote, ARegistryThatIsAwayIsUnavailable) {
  auto host = fmt::format("127.0.0.1:{}", fixtures::free_port());
  auto up = home->devenv({"up"}, project("away", fmt::format(R"({{"image": "{}/team/web:1"}})", host)));
  EXPECT_EQ(up.status, 6) << up.err;
  EXPECT_THAT(up.err, AllOf(HasSubstr(host), HasSubstr("does not answer"), IsAWellFormedError()));
}

TEST_F(Remote, ARegistryThatAsksForALoginSaysWhatToType) {
  FalseRegistry registry;
  registry.closed = true;
  auto folder =
      project("closed-image", fmt::format(R"({{"image": "{}/team/false:1"}})", registry.server.host()));
  auto up = home->devenv({"up"}, folder);
  EXPECT_EQ(up.status, 5) << up.err;
  EXPECT_THAT(up.err, AllOf(HasSubstr("asks for a login, and none was found"),
                            HasSubstr("devenv login " + registry.server.host()), IsAWellFormedError()));
}

TEST_F(Remote, AWrongDigestIsCorruptAndNothingOfItIsKept) {
  FalseRegistry registry;
  auto folder = project("forged", fmt::format(R"({{"image": "{}/team/false:1"}})", registry.server.host()));
  auto up = home->devenv({"up"}, folder);
  EXPECT_EQ(up.status, 8) << up.err;
  EXPECT_THAT(up.err, AllOf(HasSubstr(registry.server.host()), IsAWellFormedError()));
  auto images = home->devenv({"image", "ls", "--json"});
  EXPECT_EQ(images.out.find("team/false"), std::string::npos) << images.out;
}

TEST_F(Remote, AnImageNameThatIsNoneIsRefusedAtItsPlace) {
  auto up = home->devenv({"up"}, project("ill-named", "{\n  \"image\": \"Not A Name::\"\n}\n"));
  EXPECT_EQ(up.status, 2) << up.err;
  EXPECT_THAT(up.err, AllOf(HasSubstr("Not A Name"), IsAWellFormedError()));
}

}  // namespace
}  // namespace photon::tests

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <unistd.h>

#include <cstdlib>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/image/image.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::image {
namespace {

class LoginsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(make_directories(home + "/.docker"));
    ASSERT_TRUE(make_directories(home + "/bin"));
    path = ::getenv("PATH");
    ::setenv("PATH", (home + "/bin:" + path).c_str(), 1);
  }
  void TearDown() override { ::setenv("PATH", path.c_str(), 1); }
  void config(const std::string& text) { ASSERT_TRUE(write_file(home + "/.docker/config.json", text)); }
  /// A helper that keeps one login in a file, as the real ones keep it in a key ring.
  void helper(const std::string& name) {
    ASSERT_TRUE(write_file(
        home + "/bin/docker-credential-" + name,
        "#!/bin/sh\ncase $1 in\n"
        "get) read -r key; [ -f kept ] || { echo 'credentials not found in native keychain'; exit 1; }; "
        "printf %s \"$key\" > asked; cat kept;;\n"
        "store) cat > kept;;\nerase) rm -f kept;;\nesac\n",
        0755));
  }
  Result<Login> find(const std::string& registry) { return logins.find(registry, {}); }

  fixtures::TempFolder folder;
  std::string home = folder.path + "/home";
  std::string own = folder.path + "/config/logins.json";
  std::string path;
  Logins logins{home, own};
};

TEST_F(LoginsTest, NothingConfiguredIsNoLogin) {
  auto login = find("registry.example");
  ASSERT_TRUE(login);
  EXPECT_TRUE(login->empty());
}

TEST_F(LoginsTest, AuthsOfDockerAreReadByHost) {
  config(R"({"auths":{"https://registry.example/v1/":{"auth":")" + base64_encode("ada:pass:word") + R"("},
             "token.example":{"identitytoken":"tok"}}})");
  EXPECT_EQ(find("registry.example")->user, "ada");
  EXPECT_EQ(find("registry.example")->password.reveal(), "pass:word");
  EXPECT_EQ(find("token.example")->user, "<token>");
  EXPECT_TRUE(find("other.example")->empty());
}

TEST_F(LoginsTest, OurOwnFileIsPrivateAndComesFirst) {
  config(R"({"auths":{"registry.example":{"auth":")" + base64_encode("ada:old") + R"("}}})");
  ASSERT_TRUE(logins.store("registry.example", {"ada", Secret("new")}));
  EXPECT_EQ(find("registry.example")->password.reveal(), "new");
  struct stat status{};
  ASSERT_EQ(::stat(own.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  ASSERT_TRUE(logins.forget("registry.example"));
  EXPECT_EQ(find("registry.example")->password.reveal(), "old");
  ASSERT_TRUE(logins.forget("registry.example")) << "twice is fine";
}

TEST_F(LoginsTest, ACredentialHelperGetsTheSecretByStandardInputOnly) {
  helper("ring");
  config(R"({"credsStore":"none-such","credHelpers":{"registry.example":"ring"}})");
  EXPECT_TRUE(find("registry.example")->empty()) << "it knows none yet";
  ASSERT_TRUE(logins.store("registry.example", {"ada", Secret("s3cret")}));
  EXPECT_NE(::access(own.c_str(), F_OK), 0) << "the ring has it, so no file does";
  auto login = find("registry.example");
  ASSERT_TRUE(login) << login.error().message;
  EXPECT_EQ(login->user, "ada");
  EXPECT_EQ(login->password.reveal(), "s3cret");
  EXPECT_EQ(read_file(home + "/asked").value(), "registry.example");
  ASSERT_TRUE(logins.forget("registry.example"));
  EXPECT_TRUE(find("registry.example")->empty());
}

TEST_F(LoginsTest, AHelperThatIsAwayOrHasAPathForANameIsAnError) {
  config(R"({"credsStore":"none-such"})");
  EXPECT_EQ(find("registry.example").error().kind, Kind::unavailable);
  config(R"({"credsStore":"../../bin/sh"})");
  EXPECT_EQ(find("registry.example").error().kind, Kind::usage);
  config("{");
  EXPECT_FALSE(find("registry.example"));
}

TEST_F(LoginsTest, DockersFolderMayBeAnotherOne) {
  ASSERT_TRUE(make_directories(home + "/elsewhere"));
  ASSERT_TRUE(write_file(home + "/elsewhere/config.json",
                         R"({"auths":{"r.example":{"auth":")" + base64_encode("ada:pw") + R"("}}})"));
  EXPECT_TRUE(find("r.example").value().empty());
  EXPECT_EQ(Logins(home, {}, home + "/elsewhere").find("r.example", {}).value().user, "ada");
  EXPECT_EQ(Logins({}, {}, home + "/elsewhere").find("r.example", {}).value().password.reveal(), "pw");
}

}  // namespace
}  // namespace photon::image

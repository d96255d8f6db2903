#include "tests/integration/lifecycle/suite.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <cstdlib>

#include "tests/fixtures/give_up.hpp"

namespace photon::tests {
namespace {

std::unique_ptr<fixtures::OrdinaryUser> ordinary;
std::unique_ptr<TemporaryFolder> served;
std::unique_ptr<GitHttpServer> http;
std::unique_ptr<Home> only_home;

using fixtures::give_up;

class World : public testing::Environment {
 public:
  void SetUp() override {
    served = std::make_unique<TemporaryFolder>();
    http = std::make_unique<GitHttpServer>(served->path());
    only_home = std::make_unique<Home>(ordinary ? home_of(*ordinary) : Home::Options{});
  }
  void TearDown() override {
    EXPECT_THAT(only_home->leftovers(), testing::IsEmpty());
    only_home.reset();
    http.reset();
    served.reset();
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }
};

}  // namespace

Home& LifeTest::home() { return *only_home; }
const fixtures::OrdinaryUser* LifeTest::user() { return ordinary.get(); }
GitHttpServer& LifeTest::server() { return *http; }

std::string LifeTest::project(const std::string& name, std::string_view configuration) {
  auto folder = make_project(home() / name, configuration);
  if (user() != nullptr) must_run({"chown", "-R", fmt::format("{}:{}", user()->uid, user()->gid), folder});
  return folder;
}

std::string LifeTest::repository(const std::string& name, std::string_view configuration) {
  TemporaryFolder work;
  make_project_repository(work / name, configuration);
  must_run({"git", "clone", "-q", "--bare", work / name, *served / (name + ".git")});
  return http->url(name + ".git");
}

}  // namespace photon::tests

int main(int argc, char** argv) {
  using namespace photon;
  testing::InitGoogleTest(&argc, argv);
  // What outlives its starter (shims, holders, pasta) becomes ours and is reaped.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  if (argc > 1 && std::string_view(argv[1]) == "--user") {
    auto made = fixtures::make_ordinary_user();
    if (!made) fixtures::give_up(made.error().message);
    tests::ordinary = std::make_unique<fixtures::OrdinaryUser>(*made);
  }
  testing::AddGlobalTestEnvironment(new tests::World);
  return RUN_ALL_TESTS();
}

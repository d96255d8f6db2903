// A user without a range of subordinate ids: the command says which line mends it.
#include "tests/integration/failure/suite.hpp"

namespace photon::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(User, WithoutSubordinateIdsIsToldTheLineThatMendsIt) {
  auto user = fixtures::make_ordinary_user({.subordinate_ids = false});
  ASSERT_TRUE(user) << user.error().message;
  auto options = home_of(*user);
  options.image = false;
  Home home(options);
  make_project(home / "user/web", R"({"image": "devenv/base:latest"})");
  must_run({"chown", "-R", fmt::format("{}:{}", user->uid, user->gid), home / "user"});
  auto up = home.devenv({"up"}, home / "user/web");
  EXPECT_EQ(up.status, 5) << up.err;
  EXPECT_THAT(up.err, AllOf(HasSubstr("subordinate"), HasSubstr("sudo usermod --add-subuids"),
                            HasSubstr(user->name), IsAWellFormedError()));
  auto doctor = home.devenv({"doctor"});
  EXPECT_THAT(doctor.out + doctor.err, HasSubstr("sudo usermod --add-subuids"));
  EXPECT_THAT(home.leftovers(), testing::IsEmpty());
}

}  // namespace
}  // namespace photon::tests

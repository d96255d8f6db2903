// Packages that would not go together are found before they are published.
#include "packages/forge/publish/file_conflicts.hpp"
#include "tests/integration/forge_publish/workshop.hpp"

namespace photon::forge::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Together : PublishTest {
  Result<void> check(const std::vector<Built>& packages) {
    return check_files(packages, "x86_64", *store_, {});
  }
};

TEST_F(Together, OneFileInTwoWaysIsNamedWithBothPackages) {
  auto apple = built({.name = "apple", .shared = "red"}), pear = built({.name = "pear", .shared = "green"});
  for (int turn = 0; turn < 2; ++turn) {  // what is wrong is not remembered
    auto checked = check({apple, pear, built({.name = "fig"})});
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, "publish.files");
    EXPECT_THAT(checked.error().message, HasSubstr("apple and pear both have /usr/share/shared"));
    EXPECT_THAT(checked.error().message, Not(HasSubstr("fig")));
  }
}

TEST_F(Together, TheSameFileOrOneThatIsNotInstalledBesideItIsFine) {
  auto apple = built({.name = "apple", .shared = "red"});
  for (const auto& other :
       {Wanted{.name = "pear", .shared = "red"},
        Wanted{.name = "pear", .shared = "green", .conflicts = "apple"}, Wanted{.name = "pear"}}) {
    auto checked = check({apple, built(other)});
    EXPECT_TRUE(checked) << sentence(checked.error());
  }
  EXPECT_FALSE(check({apple, built({.name = "pear", .shared = "blue"})}))
      << "what is fine is remembered by itself";
}

}  // namespace
}  // namespace photon::forge::tests

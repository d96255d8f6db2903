#include "images/firstboot/accounts.hpp"

#include <gmock/gmock.h>

#include "tests/unit/firstboot/small_system.hpp"

namespace photon::first_boot {
namespace {

using testing::HasSubstr;

struct AccountsOfASystem : testing::Test {
  SmallSystem system;
  std::vector<std::string> missing;

  Result<Account> ensure(const User& user) {
    auto tree = system.tree();
    PHOTON_TRY(auto accounts, Accounts::read(tree));
    PHOTON_TRY(auto account, accounts.ensure(user, missing));
    PHOTON_CHECK(accounts.write(tree));
    return account;
  }
};

TEST_F(AccountsOfASystem, NumbersAreTheFirstFreeOnes) {
  EXPECT_EQ(ensure({.name = "ann"})->uid, 1000U);
  EXPECT_EQ(ensure({.name = "bob"})->uid, 1001U);
  EXPECT_EQ(ensure({.name = "svc", .system = true})->uid, 201U);
  EXPECT_EQ(system.text("/etc/subuid"), "ann:100000:65536\nbob:165536:65536\n");
}

TEST_F(AccountsOfASystem, AGroupWithTheNameOrTheNumberDoesNotStandInTheWay) {
  system.put("/etc/group", "root:x:0:\nann:x:1500:\nother:x:1000:\n");
  auto ann = ensure({.name = "ann", .uid = 1000});
  ASSERT_TRUE(ann) << ann.error().message;
  EXPECT_EQ(ann->gid, 1500U);
  auto bob = ensure({.name = "bob"});
  ASSERT_TRUE(bob) << bob.error().message;
  EXPECT_EQ(bob->uid, 1001U);
  EXPECT_EQ(bob->gid, 1001U);
}

TEST_F(AccountsOfASystem, AHashedPasswordIsTakenAndAnExistingOneStays) {
  ASSERT_TRUE(ensure({.name = "ann", .password = "$y$j9T$abc$def"}));
  ASSERT_TRUE(ensure({.name = "ann", .password = "$y$other"}));
  EXPECT_THAT(system.text("/etc/shadow"), HasSubstr("ann:$y$j9T$abc$def:::::::\n"));
}

TEST_F(AccountsOfASystem, UsersOfTheSystemAreNotTouched) {
  EXPECT_EQ(ensure({.name = "daemon", .groups = {"wheel"}}).error().code, "first-boot.user");
  EXPECT_EQ(ensure({.name = "root"}).error().code, "first-boot.user");
  EXPECT_EQ(ensure({.name = "toor", .uid = 0, .system = true}).error().code, "first-boot.number");
  EXPECT_EQ(ensure({.name = "ann", .uid = 1}).error().code, "first-boot.number");
}

TEST_F(AccountsOfASystem, NamesThatWouldBreakTheFilesAreRefused) {
  for (const char* name : {"", "a:b", "a\nb", "1a", "-a", "Ann", "a/b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
    EXPECT_FALSE(ensure({.name = name})) << name;
}

TEST_F(AccountsOfASystem, GroupsThatAreNowhereAreTold) {
  ASSERT_TRUE(ensure({.name = "ann", .groups = {"wheel", "docker"}}));
  EXPECT_THAT(missing, testing::ElementsAre("docker"));
  EXPECT_THAT(system.text("/etc/group"), HasSubstr("wheel:x:65:ann\n"));
}

TEST_F(AccountsOfASystem, WhatWasCutOffIsCompleted) {
  // The power went after shadow and before passwd.
  system.put("/etc/shadow", "root:*:::::::\nann:*:::::::\n");
  system.put("/etc/group", "root:x:0:\nann:x:1000:\n");
  auto ann = ensure({.name = "ann"});
  ASSERT_TRUE(ann) << ann.error().message;
  EXPECT_EQ(ann->gid, 1000U);
  EXPECT_EQ(system.text("/etc/shadow"), "root:*:::::::\nann:*:::::::\n");
}

}  // namespace
}  // namespace photon::first_boot

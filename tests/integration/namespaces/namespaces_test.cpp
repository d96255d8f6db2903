// An ordinary user of a private mount namespace enters, works and leaves.
#include "devenv/engine/namespaces/namespaces.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/integration/namespaces/user_test.hpp"

namespace photon {
namespace {

using testing::HasSubstr;

class Namespaces : public UserTest {};

TEST_F(Namespaces, AUserIsRootInsideAndStaysInTheMachinesNetwork) {
  auto output = as_user("show");
  ASSERT_EQ(output.status, 0) << output.out << output.err;
  EXPECT_EQ(value(output.out, "user"), "true");
  EXPECT_EQ(value(output.out, "uid"), "0");
  EXPECT_EQ(value(output.out, "outer"), "4321");
  EXPECT_EQ(value(output.out, "same_net"), "true");
  EXPECT_EQ(value(output.out, "hub"), fmt::format("/proc/{}/ns/net", value(output.out, "holder")));
}

TEST_F(Namespaces, TheSecondJoinsTheHolderOfTheFirst) {
  auto first = as_user("show");
  auto second = as_user("show");
  ASSERT_EQ(second.status, 0) << second.out;
  EXPECT_EQ(value(first.out, "holder"), value(second.out, "holder"));
  EXPECT_EQ(value(first.out, "userns"), value(second.out, "userns"));
  EXPECT_EQ(value(first.out, "mnt"), value(second.out, "mnt"));
}

TEST_F(Namespaces, AHolderThatWasKilledIsReplaced) {
  pid_t first = std::stoi(value(as_user("show").out, "holder"));
  ::kill(first, SIGKILL);
  ASSERT_EQ(::waitpid(first, nullptr, 0), first);
  auto again = as_user("show");
  ASSERT_EQ(again.status, 0) << again.out;
  EXPECT_NE(value(again.out, "holder"), std::to_string(first));
}

TEST_F(Namespaces, APidUsedAgainIsNotTakenForTheHolder) {
  ASSERT_EQ(as_user("show").status, 0);
  ASSERT_EQ(as_user("leave").status, 0);
  auto other = start(user.command({"sleep", "60"}));
  ASSERT_TRUE(other);
  ASSERT_TRUE(write_file(runtime + "/holder", fmt::format("{} 17\n", other->pid()), 0644));
  ASSERT_EQ(::chown((runtime + "/holder").c_str(), user.uid, user.gid), 0);
  auto output = as_user("show");
  EXPECT_EQ(output.status, 0) << output.out;
  EXPECT_NE(value(output.out, "holder"), std::to_string(other->pid()));
  EXPECT_EQ(as_user("leave").status, 0);
  EXPECT_FALSE(other->wait_for(std::chrono::milliseconds(0)).value().has_value()) << "leave ended a stranger";
  ASSERT_TRUE(other->stop(std::chrono::seconds(1)));
}

TEST_F(Namespaces, FilesBelongToSubordinateIds) {
  auto output = as_user("files");
  ASSERT_EQ(output.status, 0) << output.out;
  struct stat status{};
  ASSERT_EQ(::stat((runtime + "/owned").c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 600100u + 999);
  EXPECT_EQ(status.st_gid, 600100u + 999);
}

TEST_F(Namespaces, OverlaysCanBeMounted) {
  auto output = as_user("overlay");
  EXPECT_EQ(output.status, 0) << output.out;
  EXPECT_EQ(output.out, "from below\n");
  EXPECT_TRUE(std::filesystem::exists(runtime + "/upper/above"));
}

TEST_F(Namespaces, AContainerMayMountProcAndSeesNoHybridCgroups) {
  auto output = as_user("proc");
  EXPECT_EQ(output.status, 0) << output.out;
}

TEST_F(Namespaces, LeaveEndsTheHolderAndIsIdempotent) {
  pid_t holder = std::stoi(value(as_user("show").out, "holder"));
  EXPECT_EQ(as_user("leave").status, 0);
  auto status = read_file(fmt::format("/proc/{}/stat", holder));
  if (status) {
    EXPECT_THAT(*status, HasSubstr(") Z "));  // an init that does not reap
  }
  EXPECT_FALSE(std::filesystem::exists(runtime + "/holder"));
  EXPECT_EQ(as_user("leave").status, 0);
}

TEST_F(Namespaces, AUserWithIdsHasNoProblems) {
  auto output = as_user("problems");
  EXPECT_EQ(output.status, 0);
  EXPECT_EQ(output.out, "");
}

// The last one: it takes the ids away by mounts over what the fixture had mounted.
TEST_F(Namespaces, WithoutSubordinateIdsTheErrorMends) {
  for (const char* name : {"subuid", "subgid"}) {
    std::string empty = fmt::format("{}/{}", user.folder, name);
    ASSERT_TRUE(write_file(empty, "", 0644));
    ASSERT_EQ(::mount(empty.c_str(), fmt::format("/etc/{}", name).c_str(), nullptr, MS_BIND, nullptr), 0);
  }
  auto output = as_user("show");
  EXPECT_EQ(output.status, exit_status(Kind::denied)) << output.out;
  EXPECT_THAT(output.out,
              HasSubstr("sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 photon-test"));
  EXPECT_THAT(as_user("problems").out, HasSubstr("/etc/subgid gives the user photon-test no range"));
  for (const char* name : {"subuid", "subgid"}) ::umount2(fmt::format("/etc/{}", name).c_str(), MNT_DETACH);
}

TEST(NamespacesAsRoot, RootStaysWhereItIs) {
  auto entered = namespaces::enter("/nonexistent/photon", {"false"});
  ASSERT_TRUE(entered);
  EXPECT_FALSE(entered->user);
  EXPECT_EQ(entered->holder, -1);
  EXPECT_THAT(namespaces::problems(), testing::IsEmpty());
}

}  // namespace
}  // namespace photon

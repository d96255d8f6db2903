#include "images/firstboot/tree.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/unit/firstboot/small_system.hpp"

namespace photon::first_boot {
namespace {

TEST(Paths, AreCleanedAndDoNotClimb) {
  EXPECT_EQ(clean_path("//etc/./x//y").value(), "etc/x/y");
  EXPECT_FALSE(clean_path("/etc/../x"));
  EXPECT_FALSE(clean_path("/"));
  EXPECT_FALSE(clean_path(std::string_view("a\0b", 3)));
}

TEST(TreeOfASystem, AbsoluteLinksStayInside) {
  SmallSystem system;
  std::filesystem::create_symlink("/etc", system.root + "/conf");
  ASSERT_TRUE(system.tree().write("/conf/photon-test", "inside\n", {}));
  EXPECT_EQ(system.text("/etc/photon-test"), "inside\n");
  EXPECT_FALSE(std::filesystem::exists("/etc/photon-test"));
}

TEST(TreeOfASystem, ALinkIsReplacedAndItsTargetStays) {
  SmallSystem system;
  system.put("/etc/target", "old\n");
  std::filesystem::create_symlink("target", system.root + "/etc/link");
  ASSERT_TRUE(system.tree().write("etc/link", "new\n", {}));
  EXPECT_EQ(system.text("/etc/target"), "old\n");
  EXPECT_TRUE(std::filesystem::is_regular_file(std::filesystem::symlink_status(system.root + "/etc/link")));
}

TEST(TreeOfASystem, WhatAnInterruptedWriteLeftIsInNobodysWay) {
  SmallSystem system;
  system.put("/etc/.photon-x", "half");
  std::filesystem::create_directories(system.root + "/home/.photon-ann");
  ASSERT_TRUE(system.tree().write("etc/x", "whole\n", {0640, 0, 0}));
  ASSERT_TRUE(system.tree().make_folder("home/ann", {0700, 0, 0}));
  EXPECT_EQ(system.text("/etc/x"), "whole\n");
  EXPECT_FALSE(std::filesystem::exists(system.root + "/etc/.photon-x"));
  EXPECT_FALSE(std::filesystem::exists(system.root + "/home/.photon-ann"));
  struct stat info{};
  ASSERT_EQ(::stat((system.root + "/etc/x").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640U);
}

TEST(TreeOfASystem, DevicesAndPipesAreNotRead) {
  SmallSystem system;
  ASSERT_EQ(::mkfifo((system.root + "/etc/pipe").c_str(), 0600), 0);
  EXPECT_EQ(system.tree().read("etc/pipe").error().code, "first-boot.file");
  EXPECT_EQ(system.tree().read("etc/none").value(), std::nullopt);
  EXPECT_FALSE(system.tree().read("etc/passwd", 10));
}

}  // namespace
}  // namespace photon::first_boot

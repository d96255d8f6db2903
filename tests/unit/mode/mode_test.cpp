#include "images/mode/mode.hpp"

#include <gmock/gmock.h>

#include "tests/unit/mode/small_kernel.hpp"

namespace photon::mode {
namespace {

constexpr const char* sysctl = "/etc/sysctl.d/60-photon-mode.conf";
constexpr const char* manager = "/etc/systemd/system.conf.d/60-photon-mode.conf";

State of(const SmallKernel& system, std::string_view key) {
  for (auto& one : states(mode_of(system.places).value(), system.places))
    if (one.key == key) return one;
  return {};
}

TEST(ModeOfAMachine, IsWorkstationAtFirstAndAllIsTrue) {
  SmallKernel system;
  EXPECT_EQ(mode_of(system.places).value(), Mode::workstation);
  for (const auto& one : states(Mode::workstation, system.places)) EXPECT_TRUE(one.reached) << one.name;
}

TEST(ModeOfAMachine, AnApplianceIsLockedAtOnceAndItsFilesStay) {
  SmallKernel system;
  ASSERT_TRUE(set_mode(Mode::appliance, system.places));
  EXPECT_EQ(mode_of(system.places).value(), Mode::appliance);
  EXPECT_EQ(system.kernel("/proc/sys/user/max_user_namespaces").substr(0, 1), "0");
  EXPECT_EQ(system.kernel("/proc/sys/kernel/io_uring_disabled").substr(0, 1), "2");
  EXPECT_EQ(system.kernel("/proc/sys/kernel/yama/ptrace_scope").substr(0, 1), "2");
  EXPECT_TRUE(system.kernel("/sys/kernel/security/lockdown").starts_with("integrity"));
  EXPECT_TRUE(system.kernel("/sys/module/module/parameters/sig_enforce").starts_with("Y"));
  EXPECT_EQ(read_file(system.places.root + sysctl).value(),
            "# Written by photon-mode; photon-mode workstation removes it.\nuser.max_user_namespaces = 0\n"
            "kernel.io_uring_disabled = 2\nkernel.yama.ptrace_scope = 2\n");
  EXPECT_TRUE(system.has(manager));
  EXPECT_FALSE(of(system, "SystemCallArchitectures").reached);
  EXPECT_TRUE(of(system, "SystemCallArchitectures").at_next_start);
}

TEST(ModeOfAMachine, TheWayBackLeavesNothing) {
  SmallKernel system;
  ASSERT_TRUE(set_mode(Mode::appliance, system.places));
  for (const char* path : {"/proc/sys/user/max_user_namespaces", "/proc/sys/kernel/io_uring_disabled",
                           "/proc/sys/kernel/yama/ptrace_scope"})
    system.proc(path, system.kernel(path).substr(0, 1) + "\n");  // as the kernel reads back what it was told
  system.proc("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
  ASSERT_TRUE(set_mode(Mode::workstation, system.places));
  EXPECT_FALSE(system.has("/etc/photon/mode") || system.has(sysctl) || system.has(manager));
  EXPECT_TRUE(system.kernel("/proc/sys/user/max_user_namespaces").starts_with("7000"));
  EXPECT_TRUE(system.kernel("/proc/sys/kernel/io_uring_disabled").starts_with("0"));
  EXPECT_TRUE(system.kernel("/proc/sys/kernel/yama/ptrace_scope").starts_with("1"));
  auto lock = of(system, "lockdown");
  EXPECT_FALSE(lock.reached);
  EXPECT_TRUE(lock.at_next_start);
}

TEST(ModeOfAMachine, WhatAPowerCutLeftIsCompletedByTheNextStart) {
  SmallKernel system;
  system.file("/etc/photon/mode", "appliance\n");
  ASSERT_TRUE(apply_mode(mode_of(system.places).value(), system.places));
  EXPECT_TRUE(system.has(sysctl) && system.has(manager));
  system.file("/etc/photon/mode", "workstation\n");
  ASSERT_TRUE(apply_mode(mode_of(system.places).value(), system.places));
  EXPECT_FALSE(system.has(sysctl) || system.has(manager));
}

TEST(ModeOfAMachine, AFileThatIsNoneIsSaid) {
  SmallKernel system;
  system.file("/etc/photon/mode", "fortress\n");
  EXPECT_EQ(mode_of(system.places).error().kind, Kind::corrupt);
}

TEST(ModeOfAMachine, WhatAKernelDoesNotHaveIsNoFault) {
  SmallKernel system;
  std::filesystem::remove_all(system.places.kernel + "/sys");
  std::filesystem::remove(system.places.kernel + "/proc/sys/kernel/io_uring_disabled");
  EXPECT_TRUE(set_mode(Mode::appliance, system.places));
}

TEST(ModeOfAMachine, OfAnotherSystemOnlyFilesAreSet) {
  SmallKernel system;
  system.places.runs = false;
  ASSERT_TRUE(set_mode(Mode::appliance, system.places));
  EXPECT_TRUE(system.has(sysctl));
  EXPECT_EQ(system.kernel("/proc/sys/kernel/io_uring_disabled"), "0\n");
}

}  // namespace
}  // namespace photon::mode

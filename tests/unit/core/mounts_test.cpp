#include "devenv/core/mounts.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "devenv/core/fd.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon {
namespace {

bool own_namespace() { return ::unshare(CLONE_NEWNS) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0; }

// A mount below a shared one stays where it was when somebody else parts from it.
bool others_keep_their_mounts() {
  if (::mount("tmpfs", "/below", "tmpfs", 0, nullptr) != 0 || ::chdir("/below") != 0) return false;
  if (::mount(nullptr, "/below", nullptr, MS_SHARED, nullptr) != 0 || ::mkdir("inner", 0755) != 0)
    return false;
  if (::mount("tmpfs", "inner", "tmpfs", 0, nullptr) != 0 || ::mkdir("inner/mark", 0755) != 0) return false;
  pid_t child = ::fork();
  if (child == 0) ::_exit(::unshare(CLONE_NEWNS) == 0 && part_mounts(MS_SLAVE) == 0 ? 0 : 1);
  int status = -1;
  return ::waitpid(child, &status, 0) == child && status == 0 && ::access("inner/mark", F_OK) == 0;
}

// 0: all was as it should be; else the number of the line that was not.
int in_a_chroot(const std::string& folder) {
  if (!own_namespace() || part_mounts(MS_PRIVATE) != 0) return __LINE__;
  if (::mount("/proc", (folder + "/proc").c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0) return __LINE__;
  if (::chroot(folder.c_str()) != 0 || ::chdir("/below") != 0) return __LINE__;
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 || errno != EINVAL) return __LINE__;
  if (::unshare(CLONE_NEWUSER) == 0) return __LINE__;
  if (!others_keep_their_mounts()) return __LINE__;
  if (part_mounts(MS_PRIVATE) != 0) return __LINE__;
  char now[256];
  if (!::getcwd(now, sizeof now) || std::strcmp(now, "/below") != 0) return __LINE__;
  if (::access("/mark", F_OK) != 0 || ::access("/proc/self/exe", F_OK) != 0) return __LINE__;
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SHARED, nullptr) != 0) return __LINE__;
  return ::unshare(CLONE_NEWUSER) == 0 ? 0 : __LINE__;
}

int in_a_whole_tree(const std::string& folder) {
  if (!own_namespace() || ::chdir(folder.c_str()) != 0 || part_mounts(MS_PRIVATE) != 0) return __LINE__;
  return ::access("mark", F_OK) == 0 ? 0 : __LINE__;
}

int in_a_child(int (*body)(const std::string&)) {
  fixtures::TempFolder folder;
  for (const char* name : {"/proc", "/below"}) std::filesystem::create_directory(folder.path + name);
  EXPECT_TRUE(write_file(folder.path + "/mark", "x"));
  pid_t child = ::fork();
  if (child == 0) ::_exit(body(folder.path));
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(PartMounts, AChrootBecomesTheRootOfItsNamespace) { EXPECT_EQ(in_a_child(in_a_chroot), 0); }

TEST(PartMounts, WhereTheRootIsAMountPointNothingElseChanges) { EXPECT_EQ(in_a_child(in_a_whole_tree), 0); }

}  // namespace
}  // namespace photon

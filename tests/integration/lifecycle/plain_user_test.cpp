// An ordinary user's shell as it comes, without DEVENV_HOME, on machines that lack something.
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "devenv/core/fd.hpp"
#include "tests/fixtures/devenv/devenv.hpp"

namespace photon {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class PlainUser : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    auto made = fixtures::make_ordinary_user();
    ASSERT_TRUE(made) << made.error().message;
    user = *made;
    programs = user.folder + "/bin";
    ASSERT_TRUE(make_directories(programs, 0755));
    ASSERT_EQ(::mount(PHOTON_BUILD_DIR "/bin", programs.c_str(), nullptr, MS_BIND, nullptr), 0);
  }
  void TearDown() override {
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    EXPECT_EQ(processes(), "");
  }

  /// What still runs: whoever lost its parent became a child of ours.
  static std::string processes() {
    return run({.argv = {"pgrep", "--list-full", "--parent", std::to_string(::getpid())}})->out;
  }

  /// `script` by the user, on a machine that root has changed by `change` for it alone.
  static Output by_user(const std::string& change, const std::string& script,
                        std::map<std::string, std::string> variables = {}) {
    variables.emplace("PATH", programs + ":/usr/local/bin:/usr/bin:/bin");
    auto command = user.command({"sh", "-c", script}, std::move(variables));
    command.argv.insert(command.argv.begin(), {PHOTON_BUILD_DIR "/tests/own_mounts", "sh", "-ec",
                                               "cd /; " + change + "; exec \"$@\"", "sh"});
    command.directory = "/";
    auto output = run(std::move(command), {}, std::chrono::seconds(60));
    return output ? *output : Output{-1, "", output.error().message};
  }

  static inline fixtures::OrdinaryUser user;
  static inline std::string programs;
};

TEST_F(PlainUser, NeedsNoRuntimeFolderOfTheSystem) {
  auto output = by_user("mount -t tmpfs -o mode=1777 tmpfs /tmp",
                        "unset XDG_RUNTIME_DIR; devenv ls && stat -c '%a %u' /tmp/devenv-4321; "
                        "devenv shutdown --all && ls /tmp/devenv-4321");
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(output.out, testing::StartsWith("700 4321\n"));
  EXPECT_THAT(output.err, AllOf(HasSubstr("no environments yet"), HasSubstr("the daemon is stopped")));
}

TEST_F(PlainUser, ARuntimeFolderOfSomebodyElseIsNotUsed) {
  auto output = by_user("mount -t tmpfs -o mode=1777 tmpfs /tmp; mkdir -m 777 /tmp/devenv-4321",
                        "unset XDG_RUNTIME_DIR; devenv ls");
  EXPECT_EQ(output.status, 5) << output.err;
  EXPECT_THAT(output.err, HasSubstr("/tmp/devenv-4321 belongs to somebody else\n  set XDG_RUNTIME_DIR"));
}

TEST_F(PlainUser, WithoutSubordinateIdsOneLineMends) {
  auto output = by_user("for name in subuid subgid; do mount --bind /dev/null /etc/$name; done", "devenv up");
  EXPECT_EQ(output.status, 5) << output.err;
  EXPECT_THAT(output.err, HasSubstr("\n  sudo usermod --add-subuids "));
}

TEST_F(PlainUser, TooFewSubordinateIdsAreNamed) {
  tests::make_small_image(user.folder + "/image.tar");
  auto output = by_user(
      "echo photon-test:600100:100 >/mnt/few; "
      "for name in subuid subgid; do mount --bind /mnt/few /etc/$name; done",
      "devenv image import /mnt/image.tar --name devenv/base:latest; echo $?; devenv shutdown --all");
  EXPECT_EQ(output.out, "5\n");
  EXPECT_THAT(output.err, HasSubstr("beyond your subordinate ids\n  widen your lines in /etc/subuid"));
}

TEST_F(PlainUser, WithoutATunDeviceDoctorSaysSo) {
  auto output = by_user("mknod -m 600 /mnt/closed-tun c 10 200; mount --bind /mnt/closed-tun /dev/net/tun",
                        "devenv doctor; devenv shutdown --all");
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(output.out,
              AllOf(HasSubstr("warn"), HasSubstr("/dev/net/tun"), HasSubstr("sudo chmod 0666 /dev/net/tun")));
}

// As in a container, whose own root is an overlay already.
TEST_F(PlainUser, OnAFileSystemThatTakesNoOverlayContainersGetCopies) {
  tests::make_small_image(user.folder + "/image.tar");
  auto output = by_user(
      "mkdir /mnt/lower /mnt/upper /mnt/work; chown 4321:4321 /mnt/upper; "
      "mount -t overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/home",
      "cd; mkdir web; devenv image import /mnt/image.tar --name devenv/base:latest && devenv up web && "
      "devenv exec web -- sh -c 'echo kept >/root/file' && devenv stop web && devenv start web && "
      "devenv exec web -- cat /root/file; devenv rm --yes web; devenv shutdown --all");
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(output.out, "kept\n");
}

TEST_F(PlainUser, RootOfAContainerIsToldWhatItLacks) {
  auto output = run({.argv = {"setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin", "--",
                              programs + "/devenv", "ls"},
                     .environment = {{{"DEVENV_HOME", user.folder + "/root"}, {"PATH", "/usr/bin:/bin"}}}});
  ASSERT_TRUE(output);
  EXPECT_EQ(output->status, 5) << output->err;
  EXPECT_THAT(output->err, HasSubstr("CAP_SYS_ADMIN is missing\n  where this is a container itself"));
}

TEST_F(PlainUser, DoctorNamesTheEngineOfTheUser) {
  auto output = by_user("true", "devenv doctor; devenv shutdown --all; ls -A ~");
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(output.out, HasSubstr("(private, user namespace)"));
}

}  // namespace
}  // namespace photon

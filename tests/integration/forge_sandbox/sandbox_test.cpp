// What a build sees and what it may not do.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/integration/forge_sandbox/inside.hpp"

namespace photon::forge {
namespace {

struct Sandbox : testing::Test, AnySandbox {
  Said must(const std::string& script) {
    auto said = run(script);
    EXPECT_TRUE(said) << (said ? "" : sentence(said.error()) + " " + said.error().hint);
    return said ? std::move(*said) : Said{};
  }
};

TEST_F(Sandbox, RunsAsRootOfItsOwnSmallWorld) {
  auto said =
      must("id -u; hostname; echo $$; cat /proc/self/uid_map | wc -l; ls /dev; cat /proc/1/comm >/dev/null");
  EXPECT_EQ(said.end.status, 0) << said.text;
  EXPECT_EQ(
      said.text,
      "0\nbuild\n2\n1\nfd\nfull\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\nzero\n");
}

TEST_F(Sandbox, GivesTheCommandItsOwnEnvironmentAndStatus) {
  auto made = command("env | sort; exit 42");
  made.environment = {{"A", "b c"}, {"PATH", "/usr/bin"}};
  auto said = run(made);
  ASSERT_TRUE(said) << sentence(said.error());
  EXPECT_EQ(said->end.status, 42);
  EXPECT_EQ(said->text, "A=b c\nPATH=/usr/bin\nPWD=/\n");
  EXPECT_EQ(must("kill -TERM $$").end.status, 128 + 15);
}

TEST_F(Sandbox, KeepsWhatWasWrittenInTheScratchAndTheTreeAsItWas) {
  auto made = command("echo made > /build/x; echo changed > /root/y; mkfifo /tmp/z");
  ASSERT_TRUE(run_in_sandbox(made, {}));
  EXPECT_EQ(read_file(made.scratch + "/upper/build/x").value(), "made\n");
  EXPECT_TRUE(std::filesystem::is_empty(tree + "/build"));
  EXPECT_TRUE(std::filesystem::is_empty(tree + "/root"));
  ASSERT_TRUE(remove_scratch(made.scratch));
  EXPECT_FALSE(std::filesystem::exists(made.scratch));
}

TEST_F(Sandbox, WritesThroughABindOnlyWhereThatIsAllowed) {
  for (const char* name : {"in", "out"}) std::filesystem::create_directories(folder.path + "/" + name);
  ASSERT_TRUE(write_file(folder.path + "/in/file", "input", 0644));
  auto made =
      command("cat /build/in/file > /build/out/copy && ! echo no > /build/in/file && ! rm /build/in/file");
  made.binds.push_back({folder.path + "/in", "/build/in"});
  made.binds.push_back({folder.path + "/out", "/build/out", true});
  auto said = run(made);
  ASSERT_TRUE(said) << sentence(said.error());
  EXPECT_EQ(said->end.status, 0) << said->text;
  EXPECT_EQ(read_file(folder.path + "/out/copy").value(), "input");
  EXPECT_EQ(read_file(folder.path + "/in/file").value(), "input");
}

TEST_F(Sandbox, HasNoNetwork) {
  auto said = must(
      "cat /proc/net/dev | grep -c : ; perl -MIO::Socket::INET -e '"
      "exit(IO::Socket::INET->new(PeerAddr => \"192.0.2.1:80\", Timeout => 2) ? 0 : 7)'; echo $?; "
      "perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(PeerAddr => \"127.0.0.1:22\") ? \"in\" : "
      "\"out\"'");
  EXPECT_EQ(said.text, "1\n7\nout") << "loopback alone, and that is down";
}

TEST_F(Sandbox, RefusesMountsAndFurtherNamespaces) {
  for (const char* attempt :
       {"mount -t tmpfs none /tmp", "mount --bind /build /tmp", "umount /proc", "umount -l /usr",
        "mount -o remount,rw /usr", "mount -o remount,bind,rw /proc/sys", "unshare -r true",
        "unshare -m true", "unshare -Ur mount -t tmpfs none /tmp", "nsenter -t 1 -m true", "hostname other",
        "chroot /usr/.. true", "mknod /tmp/sda b 8 0"}) {
    auto said = must(attempt);
    EXPECT_NE(said.end.status, 0) << attempt << ": " << said.text;
    EXPECT_NE(said.end.status, 127) << attempt << ": " << said.text;
  }
}

TEST_F(Sandbox, RefusesTheKernelsSwitches) {
  for (const char* attempt :
       {"echo 1 > /proc/sys/vm/drop_caches", "echo x > /proc/sys/kernel/hostname",
        "echo h > /proc/sysrq-trigger", "echo 5 > /proc/sys/kernel/printk", "dmesg", "date -s 2000-01-01"}) {
    auto said = must(attempt);
    EXPECT_NE(said.end.status, 0) << attempt << ": " << said.text;
    EXPECT_NE(said.end.status, 127) << attempt << ": " << said.text;
  }
}

TEST_F(Sandbox, HasNoRightBeyondItsFiles) {
  // chown, dac_override, fowner, fsetid, kill, setgid, setuid
  auto said = must("grep -E 'CapEff|CapBnd|NoNewPrivs|Seccomp:' /proc/self/status");
  EXPECT_EQ(said.text, "CapEff:\t00000000000000fb\nCapBnd:\t00000000000000fb\nNoNewPrivs:\t1\nSeccomp:\t2\n");
}

TEST_F(Sandbox, DoesNotSeeTheMachine) {
  ASSERT_TRUE(write_file(folder.path + "/secret", "secret", 0644));
  auto said = must("ls -d " + folder.path + " /sys/kernel /home/* 2>/dev/null; ls -d /proc/[0-9]* | wc -l");
  EXPECT_EQ(said.text.find("photon"), std::string::npos) << said.text;
  EXPECT_EQ(said.text.find("/sys"), std::string::npos) << said.text;
  EXPECT_LE(std::stoi(said.text), 6) << "its own processes alone";
}

TEST_F(Sandbox, SaysWhichProgramIsMissing) {
  auto made = command("");
  made.argv = {"no-such-program"};
  auto said = run(made);
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().code, "sandbox.refused");
  EXPECT_NE(said.error().message.find("no-such-program"), std::string::npos) << said.error().message;
}

TEST_F(Sandbox, ALinkInATreeLeadsNowhereElse) {
  std::filesystem::create_directories(folder.path + "/victim");
  std::filesystem::create_symlink(folder.path + "/victim", tree + "/evil");
  std::filesystem::create_directories(folder.path + "/in");
  auto made = command("true");
  made.binds.push_back({folder.path + "/in", "/evil/in"});
  (void)run(made);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path + "/victim"));
}

}  // namespace
}  // namespace photon::forge

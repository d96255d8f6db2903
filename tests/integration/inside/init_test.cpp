// The real init process, asked through the real client library.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "devenv/core/process.hpp"
#include "devenv/inside/protocol.hpp"

namespace photon::inside {
namespace {

class InitTest : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/photon-inside-XXXXXX";
    folder_ = ::mkdtemp(pattern);
    launch(
        {std::string(PHOTON_BUILD_DIR) + "/bin/devenv-inside", "init", "--any-peer", "--socket", socket()});
  }
  void launch(std::vector<std::string> argv) {
    auto child = start(Command{.argv = std::move(argv), .error = 2});
    ASSERT_TRUE(child) << child.error().message;
    init_ = std::move(*child);
    for (int i = 0; i < 500 && !connect(socket()); ++i) ::usleep(10000);
  }
  void TearDown() override {
    (void)init_.stop(std::chrono::seconds(5));
    std::filesystem::remove_all(folder_);
  }
  std::string socket() const { return folder_ + "/s"; }
  Fd connection() {
    auto fd = connect(socket());
    EXPECT_TRUE(fd);
    return fd ? std::move(*fd) : Fd();
  }

  struct Outcome {
    std::string out;
    Ended ended;
  };
  Outcome run_program(ExecRequest request) {
    auto pipe = make_pipe();
    auto null = open_fd("/dev/null", O_RDWR);
    auto running = exec(connection(), request, {null->get(), pipe->second.get(), pipe->second.get()});
    EXPECT_TRUE(running) << running.error().message;
    if (!running) return {};
    pipe->second.reset();
    auto out = read_all(pipe->first.get(), 16 << 20);
    return {out.value_or("?"), wait(*running).value_or(Ended{-1, -1})};
  }

  std::string folder_;
  Child init_;
};

std::string read_terminal(int master) {
  std::string text;
  char bytes[4096];
  for (ssize_t got = 0; (got = ::read(master, bytes, sizeof bytes)) > 0;)
    text.append(bytes, static_cast<size_t>(got));
  return text;  // ends with EIO once the last program has closed the terminal
}

TEST_F(InitTest, ExitStatusAndOutput) {
  auto result = run_program({.argv = {"sh", "-c", "echo out; echo err >&2; exit 7"}});
  EXPECT_EQ(result.out, "out\nerr\n");
  EXPECT_EQ(result.ended.status, 7);
  EXPECT_EQ(result.ended.signal, 0);
}

TEST_F(InitTest, DeathBySignal) {
  auto result = run_program({.argv = {"sh", "-c", "kill -TERM $$"}});
  EXPECT_EQ(result.ended.signal, SIGTERM);
  EXPECT_EQ(result.ended.status, 128 + SIGTERM);
}

TEST_F(InitTest, UserAndEnvironment) {
  auto result = run_program({.argv = {"sh", "-c",
                                      "id -un; id -Gn; pwd; echo $HOME $USER $A; kill -0 $$ && ps -o sid= $$ "
                                      "| tr -d ' ' | grep -qx $$ && echo leader"},
                             .env = {"A=first", "A=b c"},
                             .cwd = "/does/not/exist",
                             .user = "nobody"});
  EXPECT_EQ(result.out, "nobody\nnogroup\n/\n/nonexistent nobody b c\nleader\n");
}

TEST_F(InitTest, UnknownUserAndProgram) {
  auto null = open_fd("/dev/null", O_RDWR);
  std::vector<int> stdio(3, null->get());
  auto user = exec(connection(), {.argv = {"true"}, .user = "no-such-user"}, stdio);
  ASSERT_FALSE(user);
  EXPECT_EQ(user.error().code, "inside.user");
  auto program = exec(connection(), {.argv = {"/no/such/program"}}, stdio);
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error().kind, Kind::not_found);
  EXPECT_EQ(program.error().message,
            "cannot run /no/such/program in the environment: No such file or directory");
}

TEST_F(InitTest, LongArgumentsArriveWhole) {
  std::string large(120000, 'x');
  large[60000] = '\xff';  // not UTF-8
  std::vector<std::string> argv{"sh", "-c", "printf '%s|' \"$@\" | sha256sum; echo $#", "sh", large,
                                "",   "end"};
  for (int i = 0; i < 3000; ++i) argv.push_back("argument \"number\" " + std::to_string(i));
  std::string joined;
  for (std::size_t i = 4; i < argv.size(); ++i) joined += argv[i] + "|";
  auto expected = run(Command{.argv = {"sha256sum"}}, joined);
  auto result = run_program({.argv = argv});
  EXPECT_EQ(result.out, expected->out + "3003\n");
}

TEST_F(InitTest, TerminalWithWindowModesAndStatus) {
  ExecRequest request{.argv = {"sh", "-c", "stty size; stty -a | grep -o -- '-echo ' ; tty; exit 3"}};
  request.env = {"SSH_CONNECTION=x"};
  request.tty = Tty{33, 101, std::string("\x35\0\0\0\0\0", 6)};
  auto running = exec(connection(), request, {});
  ASSERT_TRUE(running) << running.error().message;
  EXPECT_EQ(read_terminal(running->master.get()).substr(0, 25), "33 101\r\n-echo \r\n/dev/pts/");
  EXPECT_EQ(wait(*running)->status, 3);
}

TEST_F(InitTest, ClosingTheConnectionHangsTheTerminalUp) {
  ExecRequest request{
      .argv = {"sh", "-c",
               "trap 'echo hup > " + folder_ + "/hup; exit' HUP; echo ready; while :; do sleep 0.05; done"}};
  request.tty = Tty{};
  {
    auto running = exec(connection(), request, {});
    ASSERT_TRUE(running);
    char text[8];
    ASSERT_GT(::read(running->master.get(), text, sizeof text), 0);
  }
  for (int i = 0; i < 300 && ::access((folder_ + "/hup").c_str(), F_OK) != 0; ++i) ::usleep(10000);
  EXPECT_EQ(read_file(folder_ + "/hup").value_or(""), "hup\n");
}

TEST_F(InitTest, WithoutTerminalProcessesOutliveTheConnection) {
  auto null = open_fd("/dev/null", O_RDWR);
  auto running = exec(connection(), {.argv = {"sh", "-c", "sleep 0.3; echo alive > " + folder_ + "/alive"}},
                      {null->get(), null->get(), null->get()});
  ASSERT_TRUE(running);
  running->connection.reset();
  for (int i = 0; i < 300 && ::access((folder_ + "/alive").c_str(), F_OK) != 0; ++i) ::usleep(10000);
  ::usleep(20000);
  EXPECT_EQ(read_file(folder_ + "/alive").value_or(""), "alive\n");
}

TEST_F(InitTest, SignalsReachTheGroup) {
  auto null = open_fd("/dev/null", O_RDWR);
  auto running = exec(connection(), {.argv = {"sleep", "60"}}, {null->get(), null->get(), null->get()});
  ASSERT_TRUE(running);
  ASSERT_TRUE(signal(*running, SIGINT));
  EXPECT_EQ(wait(*running)->signal, SIGINT);
}

TEST_F(InitTest, ListenConnectAndPorts) {
  auto listener = listen_tcp(connection(), "localhost", 0);
  ASSERT_TRUE(listener) << listener.error().message;
  ASSERT_NE(listener->port, 0);
  auto client = connect_tcp(connection(), "localhost", listener->port);
  ASSERT_TRUE(client) << client.error().message;
  Fd server(::accept4(listener->socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
  ASSERT_TRUE(write_all(client->get(), "hello"));
  client->reset();
  EXPECT_EQ(read_all(server.get(), 100).value_or(""), "hello");
  auto list = ports(connection());
  ASSERT_TRUE(list);
  bool found = std::any_of(list->begin(), list->end(), [&](const auto& port) {
    return port.port == listener->port && port.address == "127.0.0.1" && !port.process.empty();
  });
  EXPECT_TRUE(found);
  listener->socket.reset();
  auto refused = connect_tcp(connection(), "127.0.0.1", listener->port);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::unavailable);
  EXPECT_FALSE(connect_tcp(connection(), "no.such.name", 1));
}

TEST_F(InitTest, SocketsAtPathsAreTheUsersOwn) {
  bool root = ::geteuid() == 0;
  std::string user = root ? "nobody" : std::to_string(::geteuid());
  std::filesystem::create_directory(folder_ + "/open");
  std::filesystem::permissions(folder_, std::filesystem::perms(0755));
  std::filesystem::permissions(folder_ + "/open", std::filesystem::perms(0777));
  std::string path = folder_ + "/open/s";
  auto listener = listen_path_as(connection(), user, path);
  ASSERT_TRUE(listener) << listener.error().message;
  struct stat found{};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_uid, root ? 65534u : ::geteuid());
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  auto client = connect_path_as(connection(), user, path);
  ASSERT_TRUE(client) << client.error().message;
  EXPECT_EQ(listen_path_as(connection(), user, path).error().kind, Kind::conflict) << "somebody listens";
  listener->socket.reset();
  EXPECT_EQ(connect_path_as(connection(), user, path).error().kind, Kind::unavailable);
  EXPECT_TRUE(listen_path_as(connection(), user, path)) << "what is dead is replaced";
  EXPECT_TRUE(remove_path_as(connection(), user, path));
  EXPECT_FALSE(std::filesystem::exists(path));
  // What is no socket is neither replaced nor removed, and a relative path is nowhere.
  ASSERT_TRUE(write_file(path, "mine", 0666));
  EXPECT_EQ(listen_path_as(connection(), user, path).error().kind, Kind::conflict);
  EXPECT_TRUE(remove_path_as(connection(), user, path));
  EXPECT_EQ(read_file(path).value_or(""), "mine");
  EXPECT_EQ(listen_path_as(connection(), user, "s").error().kind, Kind::usage);
  if (!root) return;
  EXPECT_FALSE(listen_path_as(connection(), user, folder_ + "/s2"))
      << "a folder that the user may not write to";
  EXPECT_FALSE(connect_path_as(connection(), user, socket())) << "a socket that is root's alone";
  EXPECT_EQ(run_program({.argv = {"/usr/bin/id", "-u"}}).out, "0\n") << "its own rights are what they were";
}

TEST_F(InitTest, LookupAndPing) {
  EXPECT_TRUE(ping(connection()));
  auto user = lookup(connection(), "nobody");
  ASSERT_TRUE(user);
  EXPECT_EQ(user->uid, 65534u);
  EXPECT_EQ(user->home, "/nonexistent");
  auto number = lookup(connection(), "12345:54321");
  ASSERT_TRUE(number);
  EXPECT_EQ(number->uid, 12345u);
  EXPECT_EQ(number->gid, 54321u);
  EXPECT_EQ(number->shell, "/bin/sh");
}

TEST_F(InitTest, PeersOfItsOwnPidNamespaceAreRefused) {
  (void)init_.stop(std::chrono::seconds(5));
  launch({std::string(PHOTON_BUILD_DIR) + "/bin/devenv-inside", "init", "--socket", socket()});
  EXPECT_FALSE(ping(connection()));
}

// As in an environment: PID 1 of a namespace, with the client outside.
TEST_F(InitTest, AsPidOneItReapsOrphansAndEndsAll) {
  (void)init_.stop(std::chrono::seconds(5));
  launch({PHOTON_BUILD_DIR "/tests/own_mounts", "unshare", "--pid", "--fork", "--mount-proc", "--kill-child",
          std::string(PHOTON_BUILD_DIR) + "/bin/devenv-inside", "init", "--socket", socket(), "--", "sh",
          "-c", "echo up > " + folder_ + "/entry; exec sleep 1000"});
  ASSERT_TRUE(ping(connection()));
  auto orphans = run_program(
      {.argv = {"sh", "-c", "for i in 1 2 3; do (sleep 0.05 &) ; done; sleep 0.5; ps -eo stat,comm"}});
  EXPECT_EQ(orphans.out.find("Z"), std::string::npos) << orphans.out;
  EXPECT_NE(orphans.out.find("sleep"), std::string::npos) << orphans.out;
  EXPECT_EQ(read_file(folder_ + "/entry").value_or(""), "up\n");
  auto null = open_fd("/dev/null", O_RDWR);
  auto stubborn = exec(connection(), {.argv = {"sh", "-c", "trap '' TERM; while :; do sleep 1; done"}},
                       {null->get(), null->get(), null->get()});
  ASSERT_TRUE(stubborn);
  auto inner = run(Command{.argv = {"pgrep", "-P", std::to_string(init_.pid())}});
  ASSERT_TRUE(inner);
  auto begin = std::chrono::steady_clock::now();
  ASSERT_EQ(::kill(std::stoi(inner->out), SIGTERM), 0);
  auto status = init_.wait_for(std::chrono::seconds(5));
  ASSERT_TRUE(status && *status);
  EXPECT_EQ(**status, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

class EntryTest : public InitTest {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/photon-inside-XXXXXX";
    folder_ = ::mkdtemp(pattern);
  }
  /// An init with these words beside the program `sh -c TEXT`.
  void begin(std::vector<std::string> words, const std::string& text) {
    std::vector<std::string> argv = {std::string(PHOTON_BUILD_DIR) + "/bin/devenv-inside", "init",
                                     "--any-peer", "--socket", socket()};
    argv.insert(argv.end(), words.begin(), words.end());
    argv.insert(argv.end(), {"--", "sh", "-c", text});
    auto child = start(Command{.argv = std::move(argv),
                               .environment = std::map<std::string, std::string>{{"PATH", "/usr/bin:/bin"},
                                                                                 {"OUT", folder_ + "/out"}}});
    ASSERT_TRUE(child) << child.error().message;
    init_ = std::move(*child);
  }
  std::string said() { return read_file(folder_ + "/out").value_or(""); }
};

TEST_F(EntryTest, TheContainerEndsWithItsProgram) {
  begin({"--ends"}, "exit 7");
  EXPECT_EQ(init_.wait_for(std::chrono::seconds(5)).value(), 7);
  begin({"--ends"}, "kill -9 $$");
  EXPECT_EQ(init_.wait_for(std::chrono::seconds(5)).value(), 137);
  begin({"--ends", "--user", "no-such-user"}, "exit 0");
  EXPECT_EQ(init_.wait_for(std::chrono::seconds(5)).value(), 127);
}

TEST_F(EntryTest, ItIsStartedAgainAsOftenAsItMay) {
  begin({"--ends", "--restart", "on-failure:2"}, "echo run >> $OUT; exit 3");
  EXPECT_EQ(init_.wait_for(std::chrono::seconds(10)).value(), 3);
  EXPECT_EQ(said(), "run\nrun\nrun\n");
  std::filesystem::remove(folder_ + "/out");
  begin({"--ends", "--restart", "on-failure"}, "echo run >> $OUT; exit 0");
  EXPECT_EQ(init_.wait_for(std::chrono::seconds(5)).value(), 0);
  EXPECT_EQ(said(), "run\n");
}

TEST_F(EntryTest, ItIsToldToEndByItsOwnSignal) {
  begin({"--ends", "--restart", "always", "--signal", "10"},
        "trap 'echo told >> $OUT; exit 4' USR1; echo ready > $OUT; while :; do sleep 0.05; done");
  for (int i = 0; i < 500 && said().empty(); ++i) ::usleep(10000);
  ASSERT_TRUE(init_.signal(SIGTERM));
  EXPECT_EQ(init_.wait_for(std::chrono::seconds(5)).value(), 4);
  EXPECT_EQ(said(), "ready\ntold\n");
}

TEST_F(EntryTest, WhatIsDroppedNoProcessHas) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root has rights that can be dropped";
  begin({"--drop", "13"}, "grep CapBnd /proc/self/status > $OUT; sleep 100");
  for (int i = 0; i < 500 && !said().ends_with('\n'); ++i) ::usleep(10000);
  auto mask = std::stoull(said().substr(said().find('\t') + 1), nullptr, 16);
  EXPECT_EQ(mask & (1ULL << 13), 0U);
  EXPECT_NE(mask & 1U, 0U);
}

}  // namespace
}  // namespace photon::inside

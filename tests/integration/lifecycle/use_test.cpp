// What one does in a running environment: exec, ssh, ports, logs, events.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "tests/integration/lifecycle/suite.hpp"

namespace photon::tests {
namespace {

using testing::HasSubstr;

constexpr const char* of_server =
    R"({"image": "devenv/base:latest", "remoteUser": "dev", "forwardPorts": [8123],
  "portsAttributes": {"8123": {"label": "app"}}, "postCreateCommand": "echo words of the hook"})";

class Use : public LifeTest {
 protected:
  void SetUp() override { up({"--name", "use"}, project("use", of_server)); }

  static Output piped(std::vector<std::string> words, std::string_view input) {
    words.insert(words.begin(), home().program("devenv"));
    auto output = run(home().command(std::move(words)), input, std::chrono::seconds(30));
    return output ? *output : Output{-1, "", output.error().message};
  }

  static std::string answer_of(unsigned port) {
    Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    timeval limit{5, 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) < 0) return "";
    if (!write_all(socket.get(), "GET /README.md HTTP/1.0\r\n\r\n")) return "";
    return read_all(socket.get(), 1 << 20).value_or("");
  }

  static unsigned local_port() {
    auto listed = parse_json(devenv({"ports", "use", "--json"}).out, "ports");
    if (listed && listed->is_array())
      for (const auto& port : listed->get_array())
        if (number_or(port, "port") == 8123) return static_cast<unsigned>(number_or(port, "local"));
    return 0;
  }
};

TEST_F(Use, ExecCarriesInputOutputAndStatus) {
  auto echoed = piped({"exec", "use", "--", "cat"}, "some words\n");
  EXPECT_EQ(echoed.out, "some words\n");
  EXPECT_EQ(echoed.status, 0);
  auto failed = devenv({"exec", "use", "--", "sh", "-c", "echo bad >&2; exit 7"});
  EXPECT_EQ(failed.status, 7);
  EXPECT_EQ(failed.err, "bad\n");
  EXPECT_EQ(devenv({"exec", "nobody", "--", "true"}).status, 125);
  EXPECT_EQ(devenv({"exec", "use", "--", "/bin/not-there"}).status, 125);
}

TEST_F(Use, OpenSshGoesInByItsConfiguration) {
  auto written = devenv({"ssh-config", "--write"});
  ASSERT_EQ(written.status, 0) << written.err;
  auto ssh = run(home().command({"ssh", "-F", home() / "user/.ssh/config", "use.devenv",
                                 "read word; echo $word; pwd; exit 5"}),
                 "hello\n", std::chrono::seconds(30));
  ASSERT_TRUE(ssh);
  EXPECT_EQ(ssh->out, "hello\n/workspaces/use\n") << ssh->err << home().log();
  EXPECT_EQ(ssh->status, 5);
  EXPECT_EQ(devenv({"ssh-config", "--remove"}).status, 0);
}

TEST_F(Use, AForwardedPortIsReachedOnTheLoopback) {
  ASSERT_EQ(
      devenv({"exec", "--detach", "use", "--", "busybox", "httpd", "-f", "-p", "127.0.0.1:8123"}).status, 0);
  ASSERT_NE(local_port(), 0U);
  EXPECT_TRUE(eventually([] { return answer_of(local_port()).find("# Web") != std::string::npos; }));
  EXPECT_THAT(devenv({"ports", "use"}).out, testing::AllOf(HasSubstr("8123"), HasSubstr("app")));
  // The listener is the daemon's and comes back with it.
  ASSERT_EQ(devenv({"shutdown"}).status, 0);
  EXPECT_EQ(answer_of(8123), "");
  auto again = local_port();
  ASSERT_NE(again, 0U);
  EXPECT_TRUE(eventually([&] { return answer_of(again).find("# Web") != std::string::npos; }));
}

TEST_F(Use, HooksAreInTheLog) {
  EXPECT_THAT(devenv({"logs", "use"}).out,
              testing::AllOf(HasSubstr("postCreateCommand"), HasSubstr("\nwords of the hook\n")));
}

TEST_F(Use, AHookIsToldOnce) {
  auto told = devenv({"up", "--recreate"}, home() / "use").err;
  auto first = told.find("hook     postCreateCommand");
  ASSERT_NE(first, std::string::npos) << told;
  EXPECT_EQ(told.find("hook     postCreateCommand", first + 1), std::string::npos) << told;
  EXPECT_THAT(told, HasSubstr("           words of the hook\n"));
}

TEST_F(Use, EventsTellWhatChanges) {
  auto file = open_fd(home() / "events", O_WRONLY | O_CREAT | O_TRUNC, 0644);
  ASSERT_TRUE(file);
  auto child = home().begin({"events"}, file->get());
  // Its first words are about what comes after it is there: changes are made until it has heard one.
  auto heard = [](const char* word) {
    return read_file(home() / "events").value_or("").find(word) != std::string::npos;
  };
  EXPECT_TRUE(eventually(
      [&] {
        EXPECT_EQ(devenv({"stop", "use"}).status, 0);
        return heard("stopped");
      },
      std::chrono::seconds(20)));
  EXPECT_EQ(devenv({"start", "use"}).status, 0);
  EXPECT_TRUE(eventually([&] { return heard("running"); }));
  EXPECT_THAT(read_file(home() / "events").value_or(""), HasSubstr("  use "));
  EXPECT_TRUE(child.stop(std::chrono::seconds(5)));
}

TEST_F(Use, TheListAndTheStatusSayWhatIs) {
  auto view = LifeTest::view("use");
  EXPECT_EQ(text_or(view, "state"), "running");
  EXPECT_EQ(text_or(view, "folder"), home() / "use");
  EXPECT_EQ(text_or(view, "workspace"), "/workspaces/use");
  EXPECT_EQ(text_or(view, "image"), "devenv/base:latest");
  auto status = parse_json(devenv({"status", "--json"}).out, "status");
  ASSERT_TRUE(status);
  EXPECT_EQ(number_or(*status, "environments"), 1);
  EXPECT_EQ(number_or(*status, "running"), 1);
  EXPECT_EQ(number_or(*status, "pid"), home().daemon_pid());
}

TEST_F(Use, AnImageInUseIsKeptByACollection) {
  auto collected = devenv({"image", "gc"});
  EXPECT_EQ(collected.status, 0) << collected.err;
  EXPECT_THAT(devenv({"image", "ls"}).out, HasSubstr("devenv/base:latest"));
  EXPECT_EQ(devenv({"stop", "use"}).status, 0);
  EXPECT_EQ(devenv({"image", "gc"}).status, 0);
  EXPECT_EQ(devenv({"start", "use"}).status, 0);
  EXPECT_EQ(devenv({"rebuild", "use"}).status, 0);
  EXPECT_EQ(inside("use", "echo here"), "here\n");
}

}  // namespace
}  // namespace photon::tests

// Compose projects that are wrong, services that fail, and a daemon that is killed in the middle.
#include <arpa/inet.h>
#include <sys/socket.h>

#include <csignal>

#include "tests/integration/compose/suite.hpp"

namespace photon::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ComposeFault : public ComposeTest {
 protected:
  /// No daemon runs.
  static void rest() {
    ASSERT_EQ(home->devenv({"shutdown"}).status, 0);
    ASSERT_TRUE(eventually([] { return !home->daemon_answers(); }));
  }
};

TEST_F(ComposeFault, WhatIsWrongInAFileIsToldWithItsPlaceAndNothingIsMade) {
  struct Row {
    const char* text;
    int status;
    const char* said;
  };
  const Row rows[] = {
      {"services:\n  app: {image: BASE, comand: x}\n", 2, ".devcontainer/compose.yml:2:"},
      {"services:\n  app:\n    image: BASE\n    pid: host\n", 2,
       ".devcontainer/compose.yml:4:5: \"pid\" is not supported"},
      {"services:\n  app: {image: BASE, env_file: none.env}\n", 3, "there is no .devcontainer/none.env"},
      {"services:\n  app: {image: BASE, depends_on: [bd]}\n  db: {image: BASE}\n", 2, "did you mean \"db\"?"},
      {"services:\n  ap: {image: BASE}\n", 2,
       ".devcontainer/devcontainer.json:1:49: there is no service \"app\""},
      {"services:\n  app: {image: BASE, env_file: ../../secret}\n", 2, "lies outside of the repository"},
      {"a: &a [x, x]\nb: &b [*a, *a", 2, ".devcontainer/compose.yml:"},
  };
  for (const auto& row : rows) {
    auto folder = with_compose("web", row.text);
    EXPECT_THAT(fails(folder, row.status), HasSubstr(row.said)) << row.text;
    EXPECT_THAT(home->names(), IsEmpty());
  }
  auto none = project("web", R"({"dockerComposeFile": "none.yml", "service": "app"})");
  EXPECT_THAT(fails(none, 3), HasSubstr("there is no .devcontainer/none.yml, the compose file"));
  EXPECT_THAT(home->orphans(), IsEmpty());
}

TEST_F(ComposeFault, ALinkOutOfTheRepositoryIsNotFollowed) {
  auto folder = with_compose("web", "services: {app: {image: BASE, env_file: link.env}}\n");
  std::filesystem::create_symlink("/etc/passwd", folder + "/.devcontainer/link.env");
  EXPECT_THAT(fails(folder, 2), HasSubstr("leads out of the repository"));
}

TEST_F(ComposeFault, AnUnhealthyServiceIsToldWithWhatItsCheckSays) {
  auto folder = with_compose("web", R"(
services:
  app:
    image: BASE
    command: sleep infinity
    depends_on:
      db: {condition: service_healthy}
  db:
    image: BASE
    command: sleep infinity
    healthcheck: {test: "echo no such database; exit 1", interval: 200ms, retries: 3}
)");
  EXPECT_THAT(fails(folder, 1),
              AllOf(HasSubstr(".devcontainer/compose.yml:7:7: the service db is not healthy after"),
                    HasSubstr("no such database")));
  EXPECT_THAT(home->orphans(), IsEmpty());
}

TEST_F(ComposeFault, AServiceThatEndsIsTold) {
  const std::string text = R"(
services:
  app: {image: BASE, command: sleep infinity, depends_on: {db: {condition: CONDITION}}}
  db: {image: BASE, command: ["sh", "-c", "echo broken >&2; exit 7"], healthcheck: {test: "false", interval: 1s}}
)";
  for (const char* condition : {"service_healthy", "service_completed_successfully"}) {
    auto with = text;
    with.replace(with.find("CONDITION"), 9, condition);
    EXPECT_THAT(fails(with_compose("web", with), 1),
                AllOf(HasSubstr("the service db has ended with exit status 7"), HasSubstr("broken")));
  }
  auto started = text;
  started.replace(started.find("CONDITION"), 9, "service_started");
  auto folder = with_compose("web", started);
  up(folder);
  EXPECT_TRUE(eventually([&] { return task("web", "db") == "stopped"; }));
  EXPECT_THAT(up(folder), HasSubstr("the service db has ended with exit status 7: broken"));
  EXPECT_THAT(home->devenv({"ls"}).out, HasSubstr("service db exited 7: devenv logs web --service db"));
  EXPECT_THAT(home->devenv({"ls", "--json"}).out, HasSubstr(R"("exit_status": 7)"));
  EXPECT_EQ(home->devenv({"logs", "web", "--service", "db"}).out, "broken\n");
  auto unknown = home->devenv({"logs", "web", "--service", "bd"});
  EXPECT_EQ(unknown.status, 3);
  EXPECT_THAT(unknown.err,
              AllOf(HasSubstr("no service \"bd\" runs beside web"), HasSubstr("did you mean db?")));
}

TEST_F(ComposeFault, AProgramThatIsNotThere) {
  EXPECT_THAT(fails(with_compose("web",
                                 "services:\n  app: {image: BASE, command: sleep infinity, depends_on: {db: "
                                 "{condition: service_completed_successfully}}}\n"
                                 "  db: {image: BASE, command: no-such-program}\n"),
                    1),
              AllOf(HasSubstr("exit status 127"), HasSubstr("no-such-program")));
}

TEST_F(ComposeFault, APortThatIsTakenIsAConflict) {
  Fd taken(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof name;
  ASSERT_EQ(::bind(taken.get(), reinterpret_cast<sockaddr*>(&name), size), 0);
  ASSERT_EQ(::listen(taken.get(), 1), 0);
  ::getsockname(taken.get(), reinterpret_cast<sockaddr*>(&name), &size);
  auto port = ntohs(name.sin_port);
  auto folder = with_compose(
      "web",
      fmt::format("services:\n  app:\n    image: BASE\n    command: sleep infinity\n    ports: ['{}:80']\n",
                  port));
  EXPECT_THAT(fails(folder, 4),
              AllOf(HasSubstr(".devcontainer/compose.yml:5:13: "), HasSubstr(fmt::format("port {}", port))));
  taken.reset();
  up(folder);
}

TEST_F(ComposeFault, AUlimitBeyondReachIsToldToAnOrdinaryUser) {
  if (!user) GTEST_SKIP() << "root may ask for more";
  EXPECT_THAT(
      fails(with_compose("web", "services:\n  app:\n    image: BASE\n    ulimits: {nofile: 999999999}\n"), 5),
      HasSubstr(".devcontainer/compose.yml:4:"));
}

TEST_F(ComposeFault, WhatIsKilledInTheMiddleGoesOn) {
  const std::string text = R"(
services:
  app: {image: BASE, command: sleep infinity, depends_on: [db]}
  db: {image: BASE, command: busybox httpd -f -p 8000 -h /etc}
  late: {image: BASE, command: sleep infinity, depends_on: [app]}
)";
  for (const char* point : {"up.services", "service.noted", "service.started", "up.started", "up.user"}) {
    SCOPED_TRACE(point);
    auto folder = with_compose("web", text);
    rest();
    home->start_daemon({{"DEVENV_STOP_AT", point}});
    auto cli = home->begin({"up"}, -1, folder);
    ASSERT_TRUE(wait_until_stopped(home->daemon()));
    home->kill_daemon();
    (void)cli.wait();
    home->start_daemon();
    EXPECT_THAT(home->orphans(), IsEmpty());
    up(folder);
    EXPECT_THAT(inside("web", "wget -qO- http://db:8000/passwd"), HasSubstr("root"));
    EXPECT_EQ(task("web", "late"), "running");
    EXPECT_EQ(home->devenv({"rm", "--yes", "web"}).status, 0);
    EXPECT_THAT(home->orphans(), IsEmpty());
    home->stop_daemon();
  }
}

TEST_F(ComposeFault, WhatIsKilledWhileItIsDeletedIsDeleted) {
  auto folder = with_compose("web",
                             "services:\n  app: {image: BASE, command: sleep infinity, depends_on: [db]}\n"
                             "  db: {image: BASE, command: sleep infinity}\n");
  rest();
  home->start_daemon({{"DEVENV_STOP_AT", "down.service"}});
  up(folder);
  auto cli = home->begin({"rm", "--yes", "web"});
  ASSERT_TRUE(wait_until_stopped(home->daemon()));
  home->kill_daemon();
  (void)cli.wait();
  home->start_daemon();
  EXPECT_TRUE(eventually([] { return home->names().empty() && home->orphans().empty(); }));
  home->stop_daemon();
}

}  // namespace
}  // namespace photon::tests

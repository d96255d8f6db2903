// A repository with compose files becomes one environment of several containers.
#include "tests/integration/compose/suite.hpp"

namespace photon::tests {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Not;

class Compose : public ComposeTest {};

constexpr const char* shop = R"(
services:
  app:
    image: BASE
    command: sleep infinity
    volumes: ['..:/work:cached']
    environment: {GREETING: "hello ${NAME:-nobody}", WHO: compose}
    depends_on: [db]
  db:
    image: BASE
    container_name: the-database
    hostname: dbhost
    command: ["sh", "-c", "mkdir -p /www; echo from db > /www/index; exec httpd -f -p 8000 -h /www"]
    networks: {default: {aliases: [database]}}
)";

TEST_F(Compose, ServicesRunBesideTheEnvironmentAndKnowItByName) {
  auto folder = with_compose("web", shop,
                             R"("workspaceFolder": "/work", "containerEnv": {"WHO": "devcontainer"},
    "postCreateCommand": "pwd > made; wget -qO- http://db:8000/index > of-db")");
  auto said = up(folder);
  EXPECT_THAT(said, HasSubstr("db"));
  EXPECT_EQ(inside("web", "pwd; cat made of-db; echo $GREETING $WHO"),
            "/work\n/work\nfrom db\nhello nobody devcontainer\n");
  for (const char* name : {"the-database", "database", "dbhost"})
    EXPECT_EQ(inside("web", fmt::format("wget -qO- http://{}:8000/index", name)), "from db\n") << name;
  EXPECT_THAT(services("web"), ElementsAre(Key("db")));
  EXPECT_EQ(task("web", "db"), "running");
  EXPECT_THAT(home->devenv({"ls", "--json"}).out, HasSubstr(R"("exit_status": 0)"));
  EXPECT_THAT(inside("web", "ps -o args"), HasSubstr("sleep infinity")) << "the service's own command runs";
  EXPECT_TRUE(std::filesystem::exists(folder + "/made")) << "the sources are the user's own";
  // A second one changes nothing.
  auto before = services("web");
  up(folder);
  EXPECT_EQ(services("web"), before);
}

TEST_F(Compose, StopAndStartAreOfAllOfThem) {
  auto folder = with_compose("web", shop, R"("workspaceFolder": "/work")");
  up(folder);
  ASSERT_EQ(home->devenv({"stop", "web"}).status, 0);
  EXPECT_EQ(task("web", "db"), "");
  ASSERT_EQ(home->devenv({"start", "web"}).status, 0);
  EXPECT_EQ(task("web", "db"), "running");
  EXPECT_EQ(inside("web", "wget -qO- http://db:8000/index"), "from db\n");
}

TEST_F(Compose, ANetworkIsShared) {
  auto folder = with_compose("web", R"(
services:
  app: {image: BASE, command: sleep infinity, network_mode: 'service:db', volumes: ['..:/work']}
  db:
    image: BASE
    command: ["busybox", "httpd", "-f", "-p", "8000", "-h", "/etc"]
    ports: ['0:8000']
  other: {image: BASE, command: sleep infinity}
  alone: {image: BASE, command: sleep infinity, network_mode: none}
)");
  up(folder);
  EXPECT_THAT(inside("web", "wget -qO- http://localhost:8000/passwd"), HasSubstr("root"));
  EXPECT_THAT(inside("web", "wget -qO- http://db:8000/passwd"), HasSubstr("root"));
  EXPECT_THAT(inside("web", "cat /etc/hosts"), AllOf(HasSubstr("other"), Not(HasSubstr("alone"))));
}

TEST_F(Compose, NetworksDivideNames) {
  auto folder = with_compose("web", R"(
services:
  app: {image: BASE, command: sleep infinity, networks: [front]}
  near: {image: BASE, command: sleep infinity, networks: {front: {aliases: [close]}, back: {aliases: [deep]}}}
  far: {image: BASE, command: sleep infinity, networks: [back]}
networks: {front: , back: }
)");
  up(folder);
  EXPECT_THAT(inside("web", "cat /etc/hosts"),
              AllOf(HasSubstr("near"), HasSubstr("close"), Not(HasSubstr("deep")), Not(HasSubstr("far"))));
}

TEST_F(Compose, SeveralFilesARunListAndNoName) {
  auto folder = with_compose("web", R"(
services:
  app: {image: BASE, command: sleep infinity}
  db: {image: BASE, command: sleep infinity}
  cache: {image: BASE, command: sleep infinity}
  tools: {image: BASE, command: sleep infinity, profiles: [debug]}
)");
  put(folder + "/.devcontainer/over.yml", "services: {app: {environment: {OVER: yes}, depends_on: [db]}}\n");
  project("web",
          R"({"dockerComposeFile": ["compose.yml", "over.yml"], "service": "app", "runServices": ["app"]})");
  up(folder);
  EXPECT_EQ(inside("web", "pwd; echo $OVER"), "/\nyes\n");
  EXPECT_THAT(services("web"), ElementsAre(Key("db")));
  ASSERT_EQ(home->devenv({"rm", "--yes", "web"}).status, 0);
  // The usual name in the folder itself.
  std::filesystem::rename(folder + "/.devcontainer/compose.yml", folder + "/docker-compose.yml");
  project("web", R"({"dockerComposeFile": [], "service": "app"})");
  up(folder);
  EXPECT_THAT(services("web"), ElementsAre(Key("cache"), Key("db")));
}

TEST_F(Compose, ImagesAreBuiltForEachService) {
  auto folder = with_compose("web", R"(
services:
  app: {build: {context: ., args: [SOURCE=BASE, SAID=app]}, command: sleep infinity, depends_on: [db]}
  db: {build: {context: ., args: {SOURCE: BASE, SAID: db}}, command: busybox httpd -f -p 8000 -h /said}
)");
  write(folder + "/.devcontainer/Dockerfile",
        "ARG SOURCE\nFROM ${SOURCE}\nARG SAID\nRUN mkdir /said && echo \"$SAID\" > /said/it\n");
  EXPECT_THAT(up(folder), HasSubstr("STEP"));
  EXPECT_EQ(inside("web", "cat /said/it; wget -qO- http://db:8000/it"), "app\ndb\n");
  EXPECT_EQ(built().size(), 2U);
  ASSERT_EQ(home->devenv({"image", "gc"}).status, 0);
  EXPECT_EQ(built().size(), 2U) << "what a service stands on stays";
  EXPECT_THAT(up(folder, {"--recreate"}), Not(HasSubstr("STEP")));
}

TEST_F(Compose, AnEditIsToldAndARebuildAppliesItToWhatHasChanged) {
  const std::string text = R"(
services:
  app: {image: BASE, command: sleep infinity, environment: {V: '1'}}
  db: {image: BASE, command: busybox httpd -f -p 8000 -h /etc}
  stays: {image: BASE, command: ["sh", "-c", "cat /proc/sys/kernel/random/uuid > /www; exec busybox httpd -f -p 8000 -h /"]}
  cache: {image: BASE, command: sleep infinity}
)";
  auto folder = with_compose("web", text);
  up(folder);
  const std::string stamp = "wget -qO- http://stays:8000/www";
  EXPECT_TRUE(eventually([&] { return home->devenv({"exec", "web", "--", "sh", "-c", stamp}).status == 0; }));
  const auto before = inside("web", stamp);
  auto edited = text;
  edited.replace(edited.find("V: '1'"), 6, "V: '2'");
  edited.replace(edited.find("  cache"), std::string::npos,
                 "  more: {image: BASE, command: sleep infinity}\n");
  for (auto at = edited.find("BASE"); at != edited.npos; at = edited.find("BASE"))
    edited.replace(at, 4, base());
  write(folder + "/.devcontainer/compose.yml", edited);
  EXPECT_THAT(up(folder), HasSubstr("has changed"));
  EXPECT_EQ(inside("web", "echo $V"), "1\n");
  up(folder, {"--recreate"});
  EXPECT_EQ(inside("web", "echo $V; wget -qO- http://db:8000/passwd | head -c 4"), "2\nroot");
  EXPECT_THAT(services("web"), ElementsAre(Key("db"), Key("more"), Key("stays")));
  EXPECT_EQ(inside("web", stamp), before) << "what has not changed goes on";
}

TEST_F(Compose, InitializeCommandMakesWhatTheFilesName) {
  auto folder =
      with_compose("web", "services: {app: {image: BASE, command: sleep infinity, env_file: made.env}}\n",
                   R"("initializeCommand": "echo A=made > .devcontainer/made.env")");
  up(folder);
  EXPECT_EQ(inside("web", "echo $A"), "made\n");
}

TEST_F(Compose, TheOtherFaceSpeaksOfTheProject) {
  auto folder =
      with_compose("web", "name: Shop\nservices: {app: {image: BASE, command: sleep infinity, user: dev}}\n",
                   R"("workspaceFolder": "/tmp")");
  auto done = run(home->command({home->program("devcontainer"), "up", "--workspace-folder", folder}));
  ASSERT_TRUE(done);
  ASSERT_EQ(done->status, 0) << done->err;
  auto answer = parse_json(done->out, "the answer").value();
  EXPECT_EQ(text_or(answer, "composeProjectName"), "shop");
  EXPECT_EQ(text_or(answer, "remoteWorkspaceFolder"), "/tmp");
  EXPECT_EQ(text_or(answer, "outcome"), "success");
}

TEST_F(Compose, FeaturesAndTheImagesLabelActOnTheService) {
  auto folder = with_compose("web", "services: {app: {image: BASE, command: sleep infinity, user: dev}}\n",
                             R"("features": {"./mark": {}}, "remoteEnv": {"R": "1"})");
  put(folder + "/.devcontainer/mark/devcontainer-feature.json",
      R"({"id": "mark", "version": "1.0.0", "name": "Mark"})");
  put(folder + "/.devcontainer/mark/install.sh", "#!/bin/sh\necho \"$_REMOTE_USER\" > /mark\n");
  if (user) must_run({"chown", "-R", fmt::format("{}:{}", user->uid, user->gid), folder});
  up(folder);
  EXPECT_EQ(inside("web", "cat /mark; echo $R; echo $HOME"), "dev\n1\n/home/dev\n");
}

}  // namespace
}  // namespace photon::tests

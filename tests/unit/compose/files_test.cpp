// Which files there are, what they extend, and what the project is called.
#include "tests/unit/compose/world.hpp"

namespace photon::compose {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

constexpr const char* least = "services: {app: {image: a}}\n";

TEST(Files, ALaterOneStandsOnTheEarlier) {
  World world("services:\n  app:\n    image: a\n    volumes: ['.:/work']\n");
  world.named.emplace_back("/home/ada/web/.devcontainer/over.yml");
  world.files["/home/ada/web/.devcontainer/over.yml"] =
      "services:\n  app:\n    command: sleep infinity\n    volumes: ['./data:/data']\n";
  auto project = project_of(world);
  const auto& app = project.services.at(0);
  EXPECT_EQ(app.image, "a");
  EXPECT_THAT(*app.command, ElementsAre("sleep", "infinity"));
  EXPECT_EQ(app.mounts.at(0).source, "/home/ada/web");
  EXPECT_EQ(app.mounts.at(1).source, "/home/ada/web/data") << "from the first file's folder on";
}

TEST(Files, TagsCountForTheFileThatHasThem) {
  World world("services: {app: {image: a, ports: !reset ['1:1'], environment: {A: '1'}}}\n");
  world.named.emplace_back("/home/ada/web/two.yml");
  world.named.emplace_back("/home/ada/web/three.yml");
  world.files["/home/ada/web/two.yml"] =
      "services: {app: {ports: ['2:2'], environment: !override {B: '2'}}, new: {image: b, ports: !reset "
      "[]}}\n";
  world.files["/home/ada/web/three.yml"] =
      "services: {app: {environment: {C: '3'}}, new: {ports: ['3:3']}}\n";
  auto project = project_of(world);
  EXPECT_EQ(project.find("app")->ports.size(), 1U);
  EXPECT_THAT(project.find("app")->environment, ElementsAre(Pair("B", "2"), Pair("C", "3")));
  EXPECT_EQ(project.find("new")->ports.size(), 1U);
}

TEST(Files, MissingBrokenAndOutside) {
  World none;
  EXPECT_THAT(fault([] {
                World world(least);
                world.named.emplace_back("/home/ada/web/other.yml");
                return world;
              }()),
              HasSubstr("there is no other.yml, the compose file"));
  EXPECT_THAT(fault("- a\n"), HasSubstr("compose.yml:1:1: a compose file holds a map"));
  EXPECT_THAT(fault(""), HasSubstr("there are no services"));
  World outside(least);
  outside.named = {"/home/ada/other/compose.yml"};
  outside.files["/home/ada/other/compose.yml"] = least;
  EXPECT_THAT(fault(outside), HasSubstr("lies outside of the repository /home/ada/web"));
}

TEST(Files, ExtendsOfTheSameFile) {
  auto project = project_of(R"(
services:
  base:
    image: a
    environment: {A: '1', B: '1'}
    command: [x]
  middle:
    extends: base
    environment: {B: '2'}
  app:
    extends: {service: middle}
    environment: [C=3]
)");
  const auto* app = project.find("app");
  ASSERT_NE(app, nullptr);
  EXPECT_EQ(app->image, "a");
  EXPECT_THAT(app->environment, ElementsAre(Pair("A", "1"), Pair("B", "2"), Pair("C", "3")));
  EXPECT_THAT(*app->command, ElementsAre("x"));
}

TEST(Files, ExtendsOfAnotherFileWithPathsFromThere) {
  World world("services:\n  app:\n    extends: {file: common/base.yml, service: base}\n");
  world.files["/home/ada/web/common/base.yml"] =
      "services:\n  base:\n    image: b\n    volumes: ['./data:/data']\n    env_file: base.env\n    extends: "
      "lower\n"
      "  lower:\n    working_dir: /low\n";
  world.files["/home/ada/web/common/base.env"] = "A=1\n";
  auto project = project_of(world);
  const auto& app = project.services.at(0);
  EXPECT_EQ(app.image, "b");
  EXPECT_EQ(app.working_dir, "/low");
  EXPECT_EQ(app.mounts.at(0).source, "/home/ada/web/common/data");
  EXPECT_THAT(app.environment, ElementsAre(Pair("A", "1")));
}

TEST(Files, ExtendsThatLeadsNowhere) {
  EXPECT_THAT(fault("services:\n  app:\n    extends: bsae\n  base: {image: a}\n"),
              AllOf(HasSubstr("compose.yml:3:14: there is no service \"bsae\" to extend"),
                    HasSubstr("did you mean \"base\"?")));
  EXPECT_THAT(fault("services:\n  a: {extends: b}\n  b: {extends: a}\n"), HasSubstr("extends itself"));
  EXPECT_THAT(fault("services:\n  app:\n    extends: {file: none.yml, service: x}\n"),
              HasSubstr("compose.yml:3:21: there is no none.yml"));
  EXPECT_THAT(fault("services:\n  app:\n    extends: {file: ../x.yml, service: x}\n"),
              HasSubstr("lies outside of the repository"));
  std::string many = "services:\n  s0: {image: a, environment: {V0: '0'}}\n";
  for (int i = 1; i < 1500; ++i)
    many += fmt::format("  s{0}: {{extends: s{1}, environment: {{V{0}: '0'}}}}\n", i, i - 1);
  EXPECT_THAT(fault(many), HasSubstr("services that extend others hold more than"));
}

TEST(Files, IncludeSaysThatItIsNotThere) {
  EXPECT_THAT(
      fault("include: [other.yml]\n" + std::string(least)),
      AllOf(HasSubstr("compose.yml:1:1: \"include\" is not supported"), HasSubstr("dockerComposeFile")));
}

TEST(Files, TheProjectsNameFromFiveSources) {
  auto name = [](World world) { return project_of(std::move(world)).name; };
  World by_folder(least);
  EXPECT_EQ(name(by_folder), "web");
  World in_devcontainer;
  in_devcontainer.named = {"/home/ada/web/.devcontainer/compose.yml"};
  in_devcontainer.files[in_devcontainer.named[0]] = least;
  EXPECT_EQ(name(in_devcontainer), "web_devcontainer");
  World by_file("name: ${USER}-Shop!\n" + std::string(least));
  EXPECT_EQ(name(by_file), "ada-shop");
  by_file.files["/home/ada/web/.env"] = "COMPOSE_PROJECT_NAME=Of.Env\n";
  EXPECT_EQ(name(by_file), "ofenv");
  by_file.environment["COMPOSE_PROJECT_NAME"] = "of_caller";
  EXPECT_EQ(name(by_file), "of_caller");
  EXPECT_THAT(fault("name: '!!'\n" + std::string(least)),
              HasSubstr("compose.yml:1:7: \"!!\" cannot name a project"));
}

TEST(Files, TheUsualNamesWhereNoneIsNamed) {
  World world;
  auto found = [&] {
    auto files = default_files("/home/ada/web", world.inputs());
    return files ? fmt::format("{}", fmt::join(*files, " ")) : sentence(files.error());
  };
  EXPECT_THAT(found(), HasSubstr("there is no compose.yaml or docker-compose.yml"));
  world.files["/home/ada/web/docker-compose.yml"] = least;
  EXPECT_EQ(found(), "/home/ada/web/docker-compose.yml");
  world.files["/home/ada/web/docker-compose.override.yml"] = least;
  EXPECT_EQ(found(), "/home/ada/web/docker-compose.yml /home/ada/web/docker-compose.override.yml");
  world.files["/home/ada/web/compose.yaml"] = least;
  EXPECT_EQ(found(), "/home/ada/web/compose.yaml");
  world.files["/home/ada/web/.env"] = "COMPOSE_FILE=a.yml:sub/b.yml\n";
  EXPECT_EQ(found(), "/home/ada/web/a.yml /home/ada/web/sub/b.yml");
  world.environment["COMPOSE_FILE"] = "/home/ada/web/c.yml";
  EXPECT_EQ(found(), "/home/ada/web/c.yml");
}

}  // namespace
}  // namespace photon::compose

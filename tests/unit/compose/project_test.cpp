// The whole of it: order, networks, profiles, which services run.
#include "tests/unit/compose/world.hpp"

namespace photon::compose {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::vector<std::string> names(const Project& project) {
  std::vector<std::string> all;
  for (const auto& service : project.services) all.push_back(service.name);
  return all;
}

constexpr const char* shop = R"(
version: "3.8"
services:
  app:
    image: a
    depends_on: [web]
    network_mode: service:db
  web: {image: b, links: ["db:database"], profiles: [front]}
  tools: {image: c, profiles: [debug]}
  db: {image: d}
  cache: {image: e}
)";

TEST(Project, ServicesComeAfterWhatTheyNeed) {
  EXPECT_THAT(names(project_of(shop)), ElementsAre("db", "web", "app", "tools", "cache"));
  EXPECT_THAT(fault("services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [a]}\n"),
              AllOf(HasSubstr("services wait for each other"), HasSubstr("a → b → a")));
}

TEST(Project, WhichServicesRun) {
  World world(shop);
  auto project = project_of(world);
  auto run = [&](const std::vector<std::string>& wanted) {
    auto found = chosen(project, "app", wanted);
    return found ? fmt::format("{}", fmt::join(*found, " ")) : sentence(found.error());
  };
  EXPECT_EQ(run({}), "db web app cache") << "what app needs, whatever its profile";
  EXPECT_EQ(run({"cache"}), "db web app cache");
  EXPECT_EQ(run({"app"}), "db web app");
  EXPECT_EQ(run({"tools"}), "db web app tools");
  EXPECT_THAT(run({"cahce"}), HasSubstr("there is no service \"cahce\""));
  world.files["/home/ada/web/.env"] = "COMPOSE_PROFILES=debug, x\n";
  project = project_of(world);
  EXPECT_EQ(run({}), "db web app tools cache");
}

TEST(Project, Networks) {
  auto project = project_of(R"(
services:
  app: {image: a, networks: [front, back]}
  db: {image: d, networks: {back: {aliases: [database]}}}
  plain: {image: e}
  alone: {image: f, network_mode: none}
networks: {front: , back: {driver: bridge, internal: false}}
)");
  EXPECT_THAT(project.find("db")->networks, ElementsAre(Pair("back", ElementsAre("database"))));
  EXPECT_THAT(project.find("plain")->networks, ElementsAre(Pair("default", testing::IsEmpty())));
  EXPECT_EQ(project.find("alone")->network_mode, "none");
  EXPECT_THAT(fault("services: {a: {image: x, networks: [bakc]}}\nnetworks: {back: }\n"),
              AllOf(HasSubstr("there is no network \"bakc\""), HasSubstr("\"back\"?")));
  EXPECT_THAT(fault("services: {a: {image: x}}\nnetworks:\n  back: {internal: true}\n"),
              HasSubstr("compose.yml:3:10: \"networks.back.internal\" is not supported"));
  EXPECT_THAT(fault("services: {a: {image: x}}\nnetworks: {back: {external: true}}\n"),
              HasSubstr("share one network"));
  EXPECT_THAT(fault("services: {a: {image: x}}\nnetworks: {back: {driver: overlay}}\n"),
              HasSubstr("bridge is"));
  EXPECT_THAT(fault("services: {a: {image: x, networks: [n], network_mode: none}}\nnetworks: {n: }\n"),
              HasSubstr("exclude each other"));
  EXPECT_THAT(fault("services: {a: {image: x, network_mode: 'service:b'}}\n"), HasSubstr("no service \"b\""));
}

TEST(Project, Volumes) {
  auto project = project_of(
      "services: {a: {image: x}}\nvolumes: {one: , two: {name: shared}, three: {external: true}, four: "
      "{external: {name: old}}}\n");
  EXPECT_FALSE(project.volumes.at("one").exact);
  EXPECT_EQ(project.volumes.at("two").name, "shared");
  EXPECT_TRUE(project.volumes.at("three").exact);
  EXPECT_EQ(project.volumes.at("four").name, "old");
  EXPECT_THAT(fault("services: {a: {image: x}}\nvolumes: {v: {driver: nfs}}\n"), HasSubstr("local is"));
}

TEST(Project, APortIsPublishedOnce) {
  EXPECT_THAT(
      fault("services:\n  a: {image: x, ports: ['80:1']}\n  b:\n    image: x\n    ports: ['80:2']\n"),
      HasSubstr("compose.yml:5:13: port 80 of this machine is published twice, by \"a\" and by \"b\""));
}

TEST(Project, WhatStandsAtTheTop) {
  EXPECT_THAT(
      fault("service: {a: {image: x}}\n"),
      AllOf(HasSubstr("compose.yml:1:1: unknown key \"service\""), HasSubstr("did you mean \"services\"?")));
  EXPECT_THAT(fault("services: {'a b': {image: x}}\n"), HasSubstr("\"a b\" cannot name a service"));
  EXPECT_EQ(project_of("x-common: &c {image: z}\nservices: {a: *c, b: {<<: *c}}\n").services.size(), 2U);
}

}  // namespace
}  // namespace photon::compose

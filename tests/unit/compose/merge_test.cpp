// Several files as one.
#include "devenv/compose/merge.hpp"

#include "tests/unit/compose/world.hpp"

namespace photon::compose {
namespace {

/// Two texts of the service "a", merged, and what they should be; all by their meaning.
void expect_merged(const std::string& base, const std::string& over, const std::string& wanted) {
  auto service = [](const std::string& text) {
    return yaml::parse("services:\n  a:\n    " + text + "\n", "c.yml").value();
  };
  auto merged = merge_files(service(base), service(over));
  settle_tags(merged);
  EXPECT_EQ(yaml::canonical(merged), yaml::canonical(service(wanted))) << base << " + " << over;
}

TEST(Merge, WordsAreReplacedMapsJoinedListsAppended) {
  expect_merged("image: x", "image: y", "image: y");
  expect_merged("deploy: {resources: {limits: {cpus: 1}}}", "deploy: {resources: {limits: {memory: 1g}}}",
                "deploy: {resources: {limits: {cpus: 1, memory: 1g}}}");
  expect_merged("cap_add: [A]", "cap_add: [B, A]", "cap_add: [A, B]");
  expect_merged("image: x", "command: y", "{image: x, command: y}");
}

TEST(Merge, CommandsAreReplaced) {
  expect_merged("command: [a, b]", "command: [c]", "command: [c]");
  expect_merged("entrypoint: [a]", "entrypoint: b", "entrypoint: b");
  expect_merged("healthcheck: {test: [CMD, a], retries: 1}", "healthcheck: {test: [CMD, b]}",
                "healthcheck: {test: [CMD, b], retries: 1}");
}

TEST(Merge, ByNameInBothForms) {
  expect_merged("environment: [A=1, B=2]", "environment: {B: '3'}", "environment: {A: '1', B: '3'}");
  expect_merged("labels: {x: '1'}", "labels: [y=2]", "labels: {x: '1', y: '2'}");
  expect_merged("extra_hosts: ['a:1.1.1.1']", "extra_hosts: {b: 2.2.2.2}",
                "extra_hosts: {a: 1.1.1.1, b: 2.2.2.2}");
  expect_merged("depends_on: [db]", "depends_on: {cache: {condition: service_healthy}}",
                "depends_on: {db: {condition: service_started}, cache: {condition: service_healthy}}");
  expect_merged("networks: [one]", "networks: {two: {aliases: [x]}}",
                "networks: {one: , two: {aliases: [x]}}");
  expect_merged("build: .", "build: {target: t}", "build: {context: ., target: t}");
  expect_merged("build: {args: [A=1]}", "build: {args: {A: '2'}}", "build: {args: {A: '2'}}");
}

TEST(Merge, ByTarget) {
  expect_merged("volumes: ['./a:/x', 'b:/y']", "volumes: ['./c:/x:ro']", "volumes: ['./c:/x:ro', 'b:/y']");
  expect_merged("volumes: ['./a:/x']", "volumes: [{type: tmpfs, target: /x}]",
                "volumes: [{type: tmpfs, target: /x}]");
  expect_merged("ports: ['80:80']", "ports: ['80:80', '81:81']", "ports: ['80:80', '81:81']");
  expect_merged("secrets: [a]", "secrets: [{source: a, target: b}]", "secrets: [a, {source: a, target: b}]");
  expect_merged("dns: 1.1.1.1", "dns: [2.2.2.2]", "dns: [1.1.1.1, 2.2.2.2]");
  expect_merged("env_file: a", "env_file: b", "env_file: [a, b]");
}

TEST(Merge, LoggingBelongsToItsDriver) {
  expect_merged("logging: {driver: x, options: {a: 1}}", "logging: {driver: y}", "logging: {driver: y}");
  expect_merged("logging: {driver: x, options: {a: 1}}", "logging: {options: {b: 2}}",
                "logging: {driver: x, options: {a: 1, b: 2}}");
}

TEST(Merge, ResetAndOverride) {
  expect_merged("{ports: ['80:80'], image: x}", "ports: !reset []", "image: x");
  expect_merged("{ports: ['80:80'], image: x}", "ports: !reset null", "image: x");
  expect_merged("ports: ['80:80']", "ports: !override ['81:81']", "ports: ['81:81']");
  expect_merged("environment: {A: 1, B: 2}", "environment: {A: !reset null}", "environment: {B: 2}");
  expect_merged("environment: {A: 1, B: 2}", "environment: !override {C: 3}", "environment: {C: 3}");
  EXPECT_EQ(project_of("services: {app: {image: a, ports: !reset [\"80:80\"]}}\n").services[0].ports.size(),
            0U);
}

TEST(Merge, NothingTakesNothingAway) {
  expect_merged("environment: {A: 1}", "environment:", "environment: {A: 1}");
}

}  // namespace
}  // namespace photon::compose

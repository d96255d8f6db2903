// A compose project below a plan, what it asks of the machine, and how the journal keeps it.
#include "devenv/environment/ensemble.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "devenv/core/fd.hpp"
#include "devenv/environment/services.hpp"
#include "devenv/environment/shape.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::environment {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

struct Repository {
  explicit Repository(const std::string& text) {
    record.folder = folder.path;
    record.name = "web";
    record.id = "0123456789abcdef";
    record.local = true;
    (void)write_file(folder.path + "/compose.yml", text);
    plan.compose = spec::Compose{{folder.path + "/compose.yml"}, "app", {}, {"devcontainer.json", 3, 5}};
  }
  Result<Ensemble> read() { return read_ensemble(plan, "", record, caller, false, seen); }

  fixtures::TempFolder folder;
  Record record;
  Caller caller;
  spec::Plan plan;
  Inputs seen;
};

TEST(Ensemble, TheServiceStandsBelowDevcontainerJson) {
  Repository web(R"(
services:
  app:
    image: a
    environment: {A: file, B: file}
    user: dev
    volumes: ['.:/work', 'data:/data', 'shared:/shared', './other:/x']
    network_mode: none
    extra_hosts: ['h:192.0.2.1']
    shm_size: 1m
volumes: {data: , shared: {name: known}}
)");
  web.plan.container_env = {{"B", "devcontainer"}};
  web.plan.mounts = {{"tmpfs", "", "/x", false, {}}};
  auto ensemble = web.read();
  ASSERT_TRUE(ensemble) << sentence(ensemble.error());
  put_service_below(*ensemble, web.record, web.plan);
  EXPECT_EQ(web.plan.image, "a");
  EXPECT_THAT(web.plan.container_env, ElementsAre(Pair("A", "file"), Pair("B", "devcontainer")));
  EXPECT_EQ(web.plan.container_user, "dev");
  ASSERT_TRUE(web.plan.workspace_mount);
  EXPECT_EQ(web.plan.workspace_mount->target, "/work");
  std::vector<std::string> mounts;
  for (const auto& mount : web.plan.mounts)
    mounts.push_back(fmt::format("{} {} {}", mount.type, mount.source, mount.target));
  EXPECT_THAT(mounts,
              ElementsAre("volume web_data /data", "volume known /shared", "tmpfs  /dev/shm", "tmpfs  /x"));
  EXPECT_EQ(web.plan.network, "none");
  EXPECT_THAT(web.plan.extra_hosts, ElementsAre(Pair("h", "192.0.2.1")));
}

TEST(Ensemble, WhatIsReadIsNotedAndADigestTellsItApart) {
  Repository web("services: {app: {image: a, env_file: x.env}}\n");
  (void)write_file(web.folder.path + "/x.env", "A=1\n");
  auto first = web.read();
  ASSERT_TRUE(first) << sentence(first.error());
  EXPECT_TRUE(web.seen.contains(web.folder.path + "/compose.yml"));
  EXPECT_TRUE(web.seen.contains(web.folder.path + "/x.env"));
  EXPECT_FALSE(changed(web.seen));
  (void)write_file(web.folder.path + "/x.env", "A=2\n");
  EXPECT_TRUE(changed(web.seen));
  EXPECT_NE(first->digest(), web.read()->digest());
}

TEST(Ensemble, AServiceThatIsNotThere) {
  Repository web("services: {ap: {image: a}}\n");
  auto error = web.read().error();
  EXPECT_EQ(sentence(error), "devcontainer.json:3:5: there is no service \"app\"");
  EXPECT_EQ(error.hint, "did you mean \"ap\"?");
}

TEST(Ensemble, WhatOtherServicesAskOfTheMachine) {
  Repository web(R"(
services:
  app: {image: a, devices: [/dev/fuse]}
  db: {image: b, privileged: true, volumes: ['/etc:/host:ro', './data:/data']}
)");
  auto ensemble = web.read();
  ASSERT_TRUE(ensemble) << sentence(ensemble.error());
  EXPECT_THAT(services_ask(*ensemble, web.record, true),
              testing::UnorderedElementsAre("app: use /dev/fuse", "db: read /etc at /host",
                                            "db: all rights of this machine's root (privileged)"));
}

TEST(Ensemble, PortsLeadToWhoHasTheNetwork) {
  Repository web(R"(
services:
  app: {image: a, network_mode: 'service:db'}
  db: {image: b, ports: ['8080:80']}
  other: {image: c, ports: ['81']}
)");
  auto wanted = published_by(*web.read());
  ASSERT_EQ(wanted.size(), 2U);
  EXPECT_EQ(wanted[0].host, "") << "the environment's own network";
  EXPECT_EQ(wanted[0].local, 8080U);
  EXPECT_TRUE(wanted[0].must);
  EXPECT_EQ(wanted[1].host, "other");
  EXPECT_FALSE(wanted[1].must);
}

TEST(Ensemble, AFolderOfTheRepositoryIsMadeAndNoOther) {
  Repository web("services: {app: {image: a, volumes: ['./a/b:/x', '/no/such:/y']}}\n");
  auto ensemble = web.read();
  ASSERT_TRUE(ensemble);
  const auto& mounts = ensemble->own().mounts;
  EXPECT_TRUE(ensure_bound(mounts[0], ensemble->repository));
  EXPECT_TRUE(std::filesystem::is_directory(web.folder.path + "/a/b"));
  EXPECT_EQ(sentence(ensure_bound(mounts[1], ensemble->repository).error()),
            "compose.yml:1:50: the folder /no/such to be mounted at /y does not exist");
  std::filesystem::remove_all(web.folder.path + "/a");
  std::filesystem::create_directory_symlink("/tmp", web.folder.path + "/a");
  auto through = ensure_bound(mounts[0], ensemble->repository);
  EXPECT_FALSE(through) << "no link out of the repository is followed";
}

TEST(Ensemble, TheJournalKeepsContainersBeside) {
  Record record;
  record.id = "0123456789abcdef";
  record.project = "web_devcontainer";
  Beside one{"db", beside_id(record.id, "db"), "image", "digest", {}, 10000};
  one.container.id = one.id;
  one.container.labels = {{"a", "b"}};
  one.container.process.argv = {"x"};
  one.container.process.cwd = "/work";
  one.container.rlimits = {{"NOFILE", 5, UINT64_MAX}};
  one.container.resources.memory = 64 << 20;
  one.container.devices = {{"/dev/fuse", "/dev/f", 'c', 10, 229, 0600, "rw"}};
  one.container.sysctls = {{"net.a", "1"}};
  one.container.read_only = true;
  one.container.log_file = "/log";
  one.container.network_namespace = "/netns";
  record.beside = {one};
  auto again = from_row(to_row(record));
  EXPECT_EQ(again.project, record.project);
  ASSERT_EQ(again.beside.size(), 1U);
  EXPECT_EQ(again.beside[0].container, one.container);
  EXPECT_EQ(again.beside[0].grace, 10000);
  EXPECT_EQ(again.beside[0].id, one.id);
}

TEST(Ensemble, Signals) {
  EXPECT_EQ(signal_number("SIGINT"), 2);
  EXPECT_EQ(signal_number("quit"), 3);
  EXPECT_EQ(signal_number("15"), 15);
  EXPECT_EQ(signal_number("SIGNONE"), 0);
  EXPECT_EQ(signal_number("99"), 0);
}

}  // namespace
}  // namespace photon::environment

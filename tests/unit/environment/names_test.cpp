#include "devenv/environment/names.hpp"

#include <gtest/gtest.h>

namespace photon::environment {
namespace {

const Named api = named("10.87.0.3", "api");
const Named db = named("10.87.0.4", "db");

TEST(Names, ANewFileHasTheLoopbackAndItself) {
  EXPECT_EQ(hosts_file({named("10.87.0.2", "web")}),
            "127.0.0.1 localhost\n"
            "::1 localhost ip6-localhost ip6-loopback\n"
            "10.87.0.2 web web.devenv\n");
}

TEST(Names, NeighboursComeAndGo) {
  auto alone = hosts_file({named("10.87.0.2", "web")});
  auto beside = with_neighbours(alone, {api, db});
  EXPECT_EQ(beside, alone +
                        "# Other environments, kept by devenv\n"
                        "10.87.0.3 api api.devenv\n"
                        "10.87.0.4 db db.devenv\n"
                        "# End of other environments\n");
  EXPECT_EQ(with_neighbours(beside, {api, db}), beside);
  EXPECT_EQ(with_neighbours(with_neighbours(beside, {db}), {}), alone);
}

TEST(Names, WhatTheUserWroteStays) {
  auto file = with_neighbours("10.0.0.1 intranet", {api}) + "192.0.2.1 late\n";
  auto without = with_neighbours(file, {});
  EXPECT_EQ(without, "10.0.0.1 intranet\n192.0.2.1 late\n");
  EXPECT_EQ(with_neighbours(file, {db}),
            "10.0.0.1 intranet\n# Other environments, kept by devenv\n10.87.0.4 db db.devenv\n"
            "# End of other environments\n192.0.2.1 late\n");
}

TEST(Names, AnEndThatIsMissingLosesNothing) {
  std::string torn = "127.0.0.1 localhost\n# Other environments, kept by devenv\n10.87.0.3 api";
  auto mended = with_neighbours(torn, {db});
  EXPECT_TRUE(mended.starts_with(torn + "\n"));
  EXPECT_TRUE(mended.ends_with("10.87.0.4 db db.devenv\n# End of other environments\n"));
}

}  // namespace
}  // namespace photon::environment

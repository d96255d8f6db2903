#include "devenv/engine/network/resolv.hpp"

#include <gtest/gtest.h>

namespace photon::network {
namespace {

TEST(Resolv, AnOrdinaryFileIsTakenAsItIs) {
  const char* file = "# by hand\nnameserver 192.0.2.53\nsearch example.org\noptions edns0\n";
  EXPECT_EQ(environment_resolv_conf(file, "nameserver 192.0.2.9\n", "10.0.2.3"), file);
}

TEST(Resolv, LoopbackServersGoWhereOthersRemain) {
  EXPECT_EQ(environment_resolv_conf("nameserver 127.0.0.1\nnameserver 192.0.2.53\n", "", ""),
            "nameserver 192.0.2.53\n");
}

TEST(Resolv, BehindSystemdResolvedAreItsOwnServers) {
  EXPECT_EQ(environment_resolv_conf("nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch .\n",
                                    "nameserver 192.0.2.9\nsearch example.org\n", "10.0.2.3"),
            "nameserver 192.0.2.9\nsearch example.org\n");
}

TEST(Resolv, TheForwarderServesWhereOnlyTheLoopbackDoes) {
  EXPECT_EQ(
      environment_resolv_conf("nameserver ::1\nsearch example.org\n", "nameserver 127.0.0.1\n", "10.0.2.3"),
      "nameserver 10.0.2.3\nsearch example.org\n");
}

TEST(Resolv, WithoutAnyServerTheFileSaysSo) {
  auto text = environment_resolv_conf("", "", "");
  EXPECT_TRUE(text.starts_with("# The machine has no name server")) << text;
  EXPECT_EQ(text.find("nameserver "), text.npos);
}

}  // namespace
}  // namespace photon::network

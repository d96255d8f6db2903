#include <gmock/gmock.h>

#include "images/firstboot/readers.hpp"

namespace photon::first_boot {
namespace {

using testing::HasSubstr;

TEST(NetworkConfig, Version2WithAddressesAndRoutes) {
  Plan plan;
  ASSERT_TRUE(read_network_config(R"(network:
  version: 2
  ethernets:
    lan:
      match: {macaddress: "52:54:00:12:34:56"}
      dhcp6: true
      addresses: [192.0.2.7/24, "2001:db8::7/64"]
      gateway4: 192.0.2.1
      nameservers: {addresses: [192.0.2.53], search: [example.org]}
      routes: [{to: 198.51.100.0/24, via: 192.0.2.2, metric: 10}, {to: default, via: 192.0.2.1}]
      mtu: 1400
)",
                                  "network-config", plan));
  ASSERT_EQ(plan.network.size(), 1U);
  EXPECT_EQ(plan.network[0].path, "/etc/systemd/network/50-first-boot-0-lan.network");
  EXPECT_EQ(plan.network[0].content,
            "# From network-config of the first boot's "
            "seed.\n[Match]\nMACAddress=52:54:00:12:34:56\nKind=!*\n\n[Link]\nMTUBytes=1400\n\n"
            "[Network]\nDHCP=ipv6\nAddress=192.0.2.7/24\nAddress=2001:db8::7/"
            "64\nGateway=192.0.2.1\nDNS=192.0.2.53\n"
            "Domains=example.org\n\n[Route]\nDestination=198.51.100.0/24\nGateway=192.0.2.2\nMetric=10\n\n"
            "[Route]\nDestination=0.0.0.0/0\nGateway=192.0.2.1\n");
  EXPECT_TRUE(plan.left_out.empty());
}

TEST(NetworkConfig, Version1WithSubnets) {
  Plan plan;
  ASSERT_TRUE(read_network_config(R"(version: 1
config:
- type: physical
  name: eth0
  subnets: [{type: static, address: 192.0.2.7, netmask: 255.255.255.0, gateway: 192.0.2.1}]
- type: physical
  name: eth1
  mac_address: "52:54:00:12:34:57"
  subnets: [{type: dhcp}]
- {type: nameserver, address: [192.0.2.53]}
- {type: bond, name: b0}
)",
                                  "network-config", plan));
  ASSERT_EQ(plan.network.size(), 2U);
  EXPECT_THAT(
      plan.network[0].content,
      HasSubstr(
          "Name=eth0\n\n[Network]\nDHCP=no\nAddress=192.0.2.7/24\nGateway=192.0.2.1\nDNS=192.0.2.53\n"));
  EXPECT_THAT(plan.network[1].content,
              HasSubstr("MACAddress=52:54:00:12:34:57\nKind=!*\n\n[Network]\nDHCP=ipv4\n"));
  ASSERT_EQ(plan.left_out.size(), 1U);
  EXPECT_THAT(plan.left_out[0].message, HasSubstr("\"bond\""));
}

TEST(NetworkConfig, WhatCouldEndALineIsNoValue) {
  Plan plan;
  ASSERT_TRUE(read_network_config(R"(version: 2
ethernets:
  e0:
    match: {name: "e*\n[Network]", driver: virtio}
  e1:
    addresses: ["192.0.2.7", "192.0.2.7/24\nDHCP=yes", "192.0.2.7/99"]
    nameservers: {addresses: [dns.example], search: ["a b"]}
    wifi: true
bonds: {b: {}}
)",
                                  "network-config", plan));
  ASSERT_EQ(plan.network.size(), 1U);
  EXPECT_EQ(plan.network[0].content,
            "# From network-config of the first boot's seed.\n[Match]\nName=e1\n\n[Network]\nDHCP=no\n");
  EXPECT_EQ(plan.left_out.size(), 10U);
}

TEST(NetworkConfig, WithoutAKnownVersionItIsNone) {
  Plan plan;
  EXPECT_FALSE(read_network_config("ethernets: {}\n", "network-config", plan));
  EXPECT_FALSE(read_network_config("version: 3\n", "network-config", plan));
  EXPECT_FALSE(read_network_config("- a\n", "network-config", plan));
  EXPECT_TRUE(read_network_config("", "network-config", plan));
}

}  // namespace
}  // namespace photon::first_boot

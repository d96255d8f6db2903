#include "devenv/engine/network/addresses.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/fixtures/temp_folder.hpp"

namespace photon::network {
namespace {

TEST(Addresses, TextThereAndBack) {
  EXPECT_EQ(address_text(0x0a570002), "10.87.0.2");
  EXPECT_EQ(parse_address("10.87.0.2"), 0x0a570002u);
  EXPECT_FALSE(parse_address("10.87.0"));
  EXPECT_FALSE(parse_address("10.87.0.256"));
}

TEST(Addresses, EachIdHasItsOwnAndKeepsIt) {
  fixtures::TempFolder folder;
  Subnet subnet = parse_subnet("10.88.0.0/28").value();
  Addresses addresses(folder.path, subnet);
  std::set<std::uint32_t> given;
  for (int index = 0; index < 13; ++index) {
    auto address = addresses.claim(std::to_string(index));
    ASSERT_TRUE(address);
    EXPECT_GT(*address, subnet.gateway());
    EXPECT_LT(*address, subnet.base + subnet.size() - 1);
    EXPECT_TRUE(given.insert(*address).second);
    EXPECT_EQ(addresses.claim(std::to_string(index)).value(), *address);
  }
  EXPECT_FALSE(addresses.claim("one too many"));
  Addresses later(folder.path, subnet);
  auto known = later.find("7");
  ASSERT_TRUE(known);
  ASSERT_TRUE(later.release("7"));
  EXPECT_FALSE(later.find("7"));
  EXPECT_EQ(later.claim("another").value(), *known);
}

TEST(Addresses, OneOfAFormerSubnetIsNotFound) {
  fixtures::TempFolder folder;
  Addresses before(folder.path, parse_subnet("10.88.0.0/28").value());
  ASSERT_TRUE(before.claim("one"));
  Addresses after(folder.path, parse_subnet("10.99.0.0/16").value());
  EXPECT_FALSE(after.find("one"));
  auto address = after.claim("one");
  ASSERT_TRUE(address);
  EXPECT_EQ(*address >> 16, 0x0a63u);
}

TEST(Subnets, TheWantedOneIsTakenWhereItIsFree) {
  auto wanted = parse_subnet("10.87.0.0/16").value();
  // A default route and a VPN's two halves of the internet are in nobody's way.
  EXPECT_EQ(choose_subnet(wanted, {{0, 0}, {0, 1}, {0x80000000, 1}, {0x0a560000, 16}}).value(), wanted);
}

TEST(Subnets, ElseTheNextFreeOne) {
  auto choose = [](const std::string& wanted, std::vector<std::string> taken) {
    std::vector<Subnet> subnets;
    for (const auto& text : taken) subnets.push_back(parse_subnet(text).value());
    return subnet_text(choose_subnet(parse_subnet(wanted).value(), subnets).value());
  };
  EXPECT_EQ(choose("10.87.0.0/16", {"10.87.4.0/24"}), "10.88.0.0/16");
  EXPECT_EQ(choose("10.87.0.0/16", {"10.87.0.0/16", "10.88.0.0/14"}), "10.92.0.0/16");
  EXPECT_EQ(choose("10.127.0.0/16", {"10.127.0.0/16"}), "10.64.0.0/16");
  EXPECT_EQ(choose("10.90.7.0/24", {"10.90.0.0/21"}), "10.90.8.0/24");
  EXPECT_EQ(choose("10.87.0.0/16", {"10.0.0.0/8"}), "172.23.0.0/16");
  EXPECT_EQ(choose("10.87.0.0/16", {"10.0.0.0/8", "172.16.0.0/12"}), "192.168.0.0/20");
}

TEST(Subnets, WhereNothingIsFreeItIsSaid) {
  auto chosen = choose_subnet(parse_subnet("10.87.0.0/16").value(),
                              {{0x0a000000, 8}, {0xac100000, 12}, {0xc0a80000, 16}, {0x64400000, 10}});
  ASSERT_FALSE(chosen);
  EXPECT_EQ(chosen.error().code, "network.subnet-taken");
}

}  // namespace
}  // namespace photon::network

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

}  // namespace
}  // namespace photon::network

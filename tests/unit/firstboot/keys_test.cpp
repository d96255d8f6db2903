#include "images/firstboot/keys.hpp"

#include <gmock/gmock.h>

#include "tests/unit/firstboot/small_system.hpp"

namespace photon::first_boot {
namespace {

using testing::HasSubstr;

TEST(Keys, APublicKeyIsTakenWithAndWithoutOptions) {
  EXPECT_TRUE(check_key(a_key));
  EXPECT_TRUE(check_key(std::string("restrict,command=\"echo a b\" ") + a_key));
  EXPECT_TRUE(check_key(std::string("command=\"say \\\"hi there\\\"\" ") + a_key));
}

TEST(Keys, WhatIsNoneIsSaidToBeWhatItIs) {
  EXPECT_THAT(check_key("-----BEGIN OPENSSH PRIVATE KEY-----").error().message, HasSubstr("private key"));
  EXPECT_THAT(check_key("ssh-ed25519 AAAAC3NzaC1lZDI1").error().message, HasSubstr("cut off"));
  EXPECT_THAT(check_key("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIJ4hLBdWk2dfbRkxGkL6b2uVRHyTt9v3ndJsGW1W1pXN")
                  .error()
                  .message,
              HasSubstr("damaged"));
  EXPECT_THAT(check_key("hello").error().message, HasSubstr("no public key"));
  EXPECT_THAT(check_key(std::string(a_key) + "\x1b[2J").error().message, HasSubstr("no line"));
  EXPECT_FALSE(check_key(std::string(20000, 'a')));
}

TEST(Keys, OfATextTheGoodOnesAreKeptAndTheOthersNamedByLine) {
  auto keys = read_keys(std::string("# mine\r\n\n  ") + a_key + "\r\nnonsense\n" + another_key, "given");
  EXPECT_THAT(keys.good, testing::ElementsAre(a_key, another_key));
  ASSERT_EQ(keys.bad.size(), 1U);
  EXPECT_EQ(keys.bad[0].where, (Place{"given", 4, 0}));
}

TEST(Keys, APrivateKeyIsOneFaultAndNotOneALine) {
  auto keys = read_keys(
      "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", "given");
  EXPECT_TRUE(keys.good.empty());
  EXPECT_EQ(keys.bad.size(), 1U);
}

}  // namespace
}  // namespace photon::first_boot

#include "devenv/image/registry.hpp"

#include <gtest/gtest.h>

namespace photon::image {
namespace {

TEST(Challenge, ABearerChallengeIsTakenApart) {
  auto challenge = parse_challenge(
      R"(Bearer realm="https://auth.example/token?x=1",service="reg, ister",scope="repository:a/b:pull,push")");
  EXPECT_EQ(challenge.scheme, "bearer");
  EXPECT_EQ(challenge.fields.at("realm"), "https://auth.example/token?x=1");
  EXPECT_EQ(challenge.fields.at("service"), "reg, ister");
  EXPECT_EQ(challenge.fields.at("scope"), "repository:a/b:pull,push");
}

TEST(Challenge, BareValuesEscapesAndBrokenTextAreTaken) {
  EXPECT_EQ(parse_challenge("BASIC realm=x").scheme, "basic");
  EXPECT_EQ(parse_challenge("Basic realm=x, charset=utf-8").fields.at("charset"), "utf-8");
  EXPECT_EQ(parse_challenge(R"(Bearer realm="a\"b")").fields.at("realm"), "a\"b");
  for (const char* broken :
       {"", "Bearer", "Bearer realm", "Bearer realm=\"", "Bearer =\"x\"", "Bearer realm=\"\\", ",,,"})
    EXPECT_LE(parse_challenge(broken).fields.size(), 1U) << broken;
}

TEST(Endpoints, OnlyThisMachineAndNamedHostsSpeakPlainHttp) {
  RegistryOptions options{.plain_http = {"lan.example:5000"}};
  for (const char* host :
       {"localhost", "localhost:5000", "127.0.0.1:80", "127.8.8.8", "[::1]:5000", "lan.example:5000"})
    EXPECT_TRUE(speaks_plain_http(host, options)) << host;
  for (const char* host : {"127.example", "lan.example", "localhost.example", "registry.example:5000"})
    EXPECT_FALSE(speaks_plain_http(host, options)) << host;
}

TEST(Endpoints, MirrorsComeFirstAndTheRegistryLast) {
  RegistryOptions options{.mirrors = {{"registry.example", {"http://near.example/proxy/", "other.example"}}}};
  auto list = endpoints("registry.example", options);
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].base, "http://near.example/proxy");
  EXPECT_EQ(list[0].host, "near.example");
  EXPECT_EQ(list[1].base, "https://other.example");
  EXPECT_EQ(list[2].base, "https://registry.example");
}

}  // namespace
}  // namespace photon::image

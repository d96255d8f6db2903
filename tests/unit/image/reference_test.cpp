#include <gtest/gtest.h>

#include "devenv/image/image.hpp"

namespace photon::image {
namespace {

const std::string hub = std::string("docker") + ".io";

std::string full(std::string_view text) {
  auto reference = parse_reference(text);
  return reference ? reference->text() : "error: " + reference.error().message;
}

TEST(Reference, ShortNamesAreCompletedAsDockerDoes) {
  EXPECT_EQ(full("debian"), hub + "/library/debian:latest");
  EXPECT_EQ(full("debian:12"), hub + "/library/debian:12");
  EXPECT_EQ(full("acme/web"), hub + "/acme/web:latest");
  EXPECT_EQ(full("index." + hub + "/debian"), hub + "/library/debian:latest");
}

TEST(Reference, TheFirstPartIsAHostByADotAPortCapitalsOrLocalhost) {
  EXPECT_EQ(full("localhost/web"), "localhost/web:latest");
  EXPECT_EQ(full("localhost:5000/team/web:1.2"), "localhost:5000/team/web:1.2");
  EXPECT_EQ(full("registry.example/web"), "registry.example/web:latest");
  EXPECT_EQ(full("[::1]:5000/web:1"), "[::1]:5000/web:1");
  EXPECT_EQ(full("Host/web"), "Host/web:latest");
}

TEST(Reference, ADigestStandsAloneOrBesideATag) {
  std::string digest = "sha256:" + std::string(64, 'a');
  EXPECT_EQ(full("registry.example/web@" + digest), "registry.example/web@" + digest);
  EXPECT_EQ(full("registry.example/web:1@" + digest), "registry.example/web:1@" + digest);
  EXPECT_TRUE(full("web@sha256:12").starts_with("error"));
}

TEST(Reference, WhatDockerRefusesIsRefused) {
  for (const char* text : {"",
                           ":",
                           "/",
                           "web:",
                           "web:a b",
                           "a/Web",
                           "a..b/web",
                           "-a.b/web",
                           "a//b",
                           "a/-b",
                           "a/b-",
                           "a/b..c",
                           "a/b___c",
                           "host:port/web",
                           "web:-1",
                           "../web",
                           "a/b\n",
                           "web@",
                           "[::1\r]/web",
                           "[::1/web",
                           "[]/web",
                           "[web]/web",
                           "[fe80::1%eth0]/web"})
    EXPECT_TRUE(full(text).starts_with("error")) << text << " gave " << full(text);
  EXPECT_EQ(parse_reference("a b").error().kind, Kind::usage);
  for (const char* text : {"a/b__c", "a/b--c", "a/b.c", "a/b---c:_1"})
    EXPECT_FALSE(full(text).starts_with("error")) << text;
}

}  // namespace
}  // namespace photon::image

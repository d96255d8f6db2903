#include "devenv/environment/surroundings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace photon::environment {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

TEST(Proxies, OfTheCallerAreTakenAlong) {
  std::vector<std::string> env = {"PATH=/bin"};
  auto warnings = add_proxies(env, {{"HTTPS_PROXY", "http://proxy.test:3128"},
                                    {"http_proxy", "http://proxy.test:3128"},
                                    {"no_proxy", "intranet.test"},
                                    {"HOME", "/home/ada"}});
  EXPECT_THAT(warnings, IsEmpty());
  EXPECT_THAT(
      env, ElementsAre("PATH=/bin", "HTTPS_PROXY=http://proxy.test:3128", "http_proxy=http://proxy.test:3128",
                       "no_proxy=intranet.test,localhost,127.0.0.1,::1,.devenv",
                       "NO_PROXY=intranet.test,localhost,127.0.0.1,::1,.devenv"));
}

TEST(Proxies, WhatTheImageOrTheFileSaysStays) {
  std::vector<std::string> env = {"HTTP_PROXY=http://own.test", "NO_PROXY=all"};
  auto before = env;
  EXPECT_THAT(add_proxies(env, {{"http_proxy", "http://proxy.test"}}), IsEmpty());
  EXPECT_EQ(env, before);
  before = env = {};
  EXPECT_THAT(add_proxies(env, {{"no_proxy", "intranet.test"}}), IsEmpty());
  EXPECT_EQ(env, before) << "without a proxy nothing is to be left out";
}

TEST(Proxies, OneOnTheLoopbackIsToldAndLeftOut) {
  for (const char* proxy : {"http://127.0.0.1:3128", "http://ada:pw@localhost:3128", "socks5://[::1]:1080"}) {
    std::vector<std::string> env;
    EXPECT_THAT(add_proxies(env, {{"ALL_PROXY", proxy}}), ElementsAre(HasSubstr("ALL_PROXY is not set")));
    EXPECT_THAT(env, IsEmpty());
  }
}

TEST(Requirements, OnlyWhatIsMissingIsTold) {
  EXPECT_THAT(lacks({1, 1 << 20, 1, false}, "/"), IsEmpty());
  auto told = lacks({100000, std::uint64_t{1} << 60, std::uint64_t{1} << 60, true}, "/");
  EXPECT_THAT(told, ElementsAre(StartsWith("\"hostRequirements\" asks for 100000 CPUs, this machine has "),
                                HasSubstr("of memory"), HasSubstr("of storage"), HasSubstr("a GPU")));
}

}  // namespace
}  // namespace photon::environment

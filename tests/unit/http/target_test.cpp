#include <gtest/gtest.h>

#include "devenv/api/http/message.hpp"

namespace photon::http {
namespace {

TEST(Target, IsTakenApart) {
  Request request;
  ASSERT_TRUE(parse_target("/v1/a%2Fb/c?folder=%2Fhome%2Fx%20y&all=true&empty", request));
  EXPECT_EQ(request.path, (std::vector<std::string>{"v1", "a/b", "c"}));
  EXPECT_EQ(request.query["folder"], "/home/x y");
  EXPECT_EQ(request.query["all"], "true");
  EXPECT_EQ(request.query.count("empty"), 1U);
}

TEST(Target, BrokenOnesAreRefused) {
  for (const char* target : {"", "*", "http://x/", "/%", "/%4", "/%zz", "/%00", "/a?b=%"}) {
    Request request;
    EXPECT_FALSE(parse_target(target, request)) << target;
  }
}

TEST(Target, ThePercentAtTheVeryEndCounts) {
  Request request;
  ASSERT_TRUE(parse_target("/%41", request));
  EXPECT_EQ(request.path, std::vector<std::string>{"A"});
}

}  // namespace
}  // namespace photon::http

// Versions and what tags mean, as npm's semver has it.
#include "devenv/spec/reference/versions.hpp"

#include "devenv/spec/reference/outdated.hpp"
#include "tests/unit/reference/build.hpp"

namespace photon::spec::reference {
namespace {

TEST(Versions, WhatIsOne) {
  for (const char* text : {"1.2.3", "v1.2.3", " 1.2.3 ", "0.0.0", "1.2.3-rc.1", "1.2.3-x-y.0a", "1.2.3+01",
                           "1.2.3-a+b-c.d", "9007199254740991.0.0"})
    EXPECT_TRUE(parse_version(text)) << text;
  for (const char* text :
       {"", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.03", "=1.2.3", "1.2.3-", "1.2.3-01", "1.2.3-a..b", "1.2.3+",
        "latest", "1.2.x", "9007199254740992.0.0", "-1.2.3", "1. 2.3"})
    EXPECT_FALSE(parse_version(text)) << text;
}

TEST(Versions, AreSorted) {
  const char* sorted[] = {"0.9.9",   "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-a", "1.0.0-a.1",
                          "1.0.0-b", "1.0.0",   "1.0.1",   "1.2.0",    "1.10.0",  "10.0.0"};
  for (std::size_t i = 0; i + 1 < std::size(sorted); ++i) {
    auto less = parse_version(sorted[i]), more = parse_version(sorted[i + 1]);
    ASSERT_TRUE(less && more);
    EXPECT_LT(compare_versions(*less, *more), 0) << sorted[i] << " " << sorted[i + 1];
    EXPECT_GT(compare_versions(*more, *less), 0);
  }
  EXPECT_EQ(compare_versions(*parse_version("1.0.0+a"), *parse_version("1.0.0+b")), 0);
}

TEST(Versions, WhatATagMeans) {
  struct Row {
    const char* tag;
    const char* version;
    bool is;
  };
  for (const auto& row :
       {Row{"1", "1.2.3", true}, Row{"1", "2.0.0", false}, Row{"1.2", "1.2.9", true},
        Row{"1.2", "1.3.0", false}, Row{"1.2.3", "1.2.3", true}, Row{"1.2.3", "1.2.4", false},
        Row{"v1", "1.0.0", true}, Row{"1.x", "1.9.0", true}, Row{"x", "7.0.0", true}, Row{"", "7.0.0", true},
        Row{"*", "1.0.0-a", false}, Row{"1", "1.0.0-a", false}, Row{"1.0.0-a", "1.0.0-a", true},
        Row{"latest", "1.0.0", false}, Row{"1.2.3.4", "1.2.3", false}, Row{"x.1", "3.2.0", true},
        Row{"01", "1.0.0", false}, Row{"1-a", "1.0.0", false}})
    EXPECT_EQ(is_of(*parse_version(row.version), row.tag), row.is) << row.tag << " " << row.version;
}

TEST(Outdated, HasARowForEachOfARegistry) {
  Shelf shelf;
  shelf.published["r.example/n/f"] = {"1", "1.0.0", "latest", "1.4.0", "2.0.0", "v1.5.0", "3.0.0-rc"};
  FeatureInputs inputs;
  inputs.packages = shelf.packages();
  inputs.tell = [](std::string_view) {};
  inputs.lock = json(R"({"features":{"r.example/n/f:1":{"version":"1.0.0"}}})");
  auto versions = versions_of_features(
      json(
          R"({"features":{"r.example/n/f:1":{},"./l":{},"node":{},"r.example/n/f":{},"r.example/n/none:2":{}}})"),
      inputs);
  ASSERT_TRUE(versions) << versions.error().message;
  EXPECT_EQ(
      write(*versions),
      R"({"features":{"r.example/n/f:1":{"current":"1.0.0","wanted":"v1.5.0","wantedMajor":"1","latest":"3.0.0-rc","latestMajor":"3"},)"
      R"("r.example/n/f":{"current":"3.0.0-rc","wanted":"3.0.0-rc","wantedMajor":"3","latest":"3.0.0-rc","latestMajor":"3"},)"
      R"("r.example/n/none:2":{}}})");
  EXPECT_EQ(versions_table(*versions),
            "Feature           Current   Wanted    Latest\n"
            "r.example/n/f     1.0.0     v1.5.0    3.0.0-rc\n"
            "r.example/n/f     3.0.0-rc  3.0.0-rc  3.0.0-rc\n"
            "r.example/n/none  -         -         -");
}

TEST(Outdated, AVersionInTheLockThatIsNone) {
  Shelf shelf;
  FeatureInputs inputs;
  inputs.packages = shelf.packages();
  inputs.tell = [](std::string_view) {};
  inputs.lock = json(R"({"features":{"r.example/n/f@sha256:00":{"version":"odd"}}})");
  EXPECT_FALSE(versions_of_features(json(R"({"features":{"r.example/n/f@sha256:00":{}}})"), inputs));
}

}  // namespace
}  // namespace photon::spec::reference

#include "packages/forge/publish/advisories.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace photon::forge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string good = R"(id = "PHOTON-2026-0001"
type = "security"
severity = "Important"
title = "zlib: an overflow"
description = "It may <crash> & burn."
issued = "2026-11-27"
cves = ["CVE-2026-0001"]
links = [
  "https://example.org/report",
]
packages = ["zlib-1:1.3.2-1.pw1", "gone-1-1"]
reboot = true
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  auto at = text.find(from);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string fault(const std::string& text) {
  auto read = read_advisory(text, "a/PHOTON-2026-0001.toml");
  return read ? "none" : sentence(read.error());
}

TEST(Advisories, AreReadWhole) {
  auto read = read_advisory(good, "a/PHOTON-2026-0001.toml");
  ASSERT_TRUE(read) << sentence(read.error());
  EXPECT_EQ(read->severity, "Important");
  EXPECT_EQ(read->updated, "2026-11-27");
  EXPECT_THAT(read->packages, ElementsAre("zlib-1:1.3.2-1.pw1", "gone-1-1"));
  EXPECT_TRUE(read->reboot);
}

TEST(Advisories, SayWhichLineIsWrong) {
  EXPECT_THAT(fault(replaced(good, "\"security\"", "\"rumour\"")), HasSubstr(":2:8: \"rumour\" is no type"));
  EXPECT_THAT(fault(replaced(good, "2026-11-27", "tomorrow")), HasSubstr(":6:10: \"tomorrow\" is no date"));
  EXPECT_THAT(fault(replaced(good, "CVE-2026-0001\"]", "CVE-26\"]")),
              HasSubstr(":7:9: \"CVE-26\" is no CVE"));
  EXPECT_THAT(fault(replaced(good, "https://example", "ftp://example")),
              HasSubstr(":9:3: \"ftp://example.org/report\" is no https address"));
  EXPECT_THAT(fault(replaced(good, "gone-1-1", "gone")),
              HasSubstr(":11:35: \"gone\" is no name, version and release"));
  EXPECT_THAT(fault(replaced(good, "reboot = true", "reboot = 1")),
              HasSubstr(":12:10: reboot must be true or false"));
  EXPECT_THAT(fault(replaced(good, "reboot = true", "restart = true")), HasSubstr(":12:"));
  EXPECT_THAT(fault(replaced(good, "title = \"zlib: an overflow\"", "")),
              HasSubstr("the advisory has no title"));
  EXPECT_THAT(fault(replaced(good, "id = \"PHOTON-2026-0001\"", "id = \"OTHER\"")),
              HasSubstr("lies in a file named PHOTON-2026-0001"));
  EXPECT_THAT(fault("id = \n"), HasSubstr("PHOTON-2026-0001.toml:1:"));
}

TEST(Advisories, NameOnlyWhatIsPublishedInItsArchitecture) {
  auto read = read_advisory(good, "PHOTON-2026-0001.toml");
  ASSERT_TRUE(read);
  auto info = make_updateinfo({*read}, {{.name = "zlib", .arch = "aarch64"}});
  ASSERT_TRUE(info) << sentence(info.error());
  EXPECT_THAT(*info, HasSubstr("<id>PHOTON-2026-0001</id>"));
  EXPECT_THAT(*info, HasSubstr(R"(name="zlib" version="1.3.2" release="1.pw1" epoch="1" arch="aarch64")"));
  EXPECT_THAT(*info, HasSubstr("It may &lt;crash&gt; &amp; burn."));
  EXPECT_THAT(*info, Not(HasSubstr("gone")));
  auto none = make_updateinfo({*read}, {{.name = "bash", .arch = "aarch64"}});
  EXPECT_THAT(none.value(), Not(HasSubstr("PHOTON-2026-0001")));
}

TEST(Advisories, OfAFolderThatIsNotThereAreNone) { EXPECT_TRUE(read_advisories("/nonexistent")->empty()); }

}  // namespace
}  // namespace photon::forge

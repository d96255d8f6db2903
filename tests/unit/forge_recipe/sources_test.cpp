// sources.toml: what it may say, and where it is wrong to the column.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "packages/forge/recipe/recipe.hpp"

namespace photon::forge {
namespace {

using testing::HasSubstr;

const std::string digits(64, 'a');

TEST(SourcesToml, IsReadInItsOrder) {
  auto pins = parse_sources(
      "otherwise = \"import\"\nwhen = \"asked\"\n[[source]]\nfile = \"a.tar.xz\"\nsha256 = \"" + digits +
          "\"\nurl = \"https://example.org/a.tar.xz\"\napt = \"a\"\napt_file = \"a_1.orig.tar.xz\"\n"
          "[[source]]\nfile = \"self.tar\"\nurl = \"\"\ntree = \"self\"\n",
      "sources.toml");
  ASSERT_TRUE(pins) << sentence(pins.error());
  EXPECT_TRUE(pins->import_suffices);
  EXPECT_TRUE(pins->when_asked);
  ASSERT_EQ(pins->sources.size(), 2U);
  EXPECT_EQ(pins->sources[0],
            (Source{"a.tar.xz", digits, "https://example.org/a.tar.xz", "a", "a_1.orig.tar.xz", ""}));
  EXPECT_EQ(pins->sources[1].tree, "self");
}

TEST(SourcesToml, EmptySaysNothing) {
  auto pins = parse_sources("", "sources.toml");
  ASSERT_TRUE(pins);
  EXPECT_TRUE(pins->sources.empty());
  EXPECT_FALSE(pins->import_suffices);
  EXPECT_FALSE(pins->when_asked);
}

struct Wrong {
  const char* name;
  std::string text;
  const char* says;
};
class WrongSources : public testing::TestWithParam<Wrong> {};

TEST_P(WrongSources, IsSaidWithLineAndColumn) {
  auto pins = parse_sources(GetParam().text, "sources.toml");
  ASSERT_FALSE(pins);
  EXPECT_EQ(pins.error().kind, Kind::usage);
  EXPECT_THAT(sentence(pins.error()), HasSubstr(GetParam().says));
}

const std::string good = "[[source]]\nfile = \"a\"\nsha256 = \"" + digits + "\"\n";

INSTANTIATE_TEST_SUITE_P(
    Each, WrongSources,
    testing::Values(
        Wrong{"syntax", "[[source]]\nfile = \n", "sources.toml:2:"},
        Wrong{"digest", "[[source]]\nfile = \"a\"\nsha256 = \"12\"\n",
              "sources.toml:3:10: \"sha256\" must be 64"},
        Wrong{"capitals", "[[source]]\nfile = \"a\"\nsha256 = \"" + std::string(64, 'A') + "\"\n",
              "sources.toml:3:10:"},
        Wrong{"no_digest", good + "[[source]]\nfile = \"b\"\n", "sources.toml:4:1: b has no \"sha256\""},
        Wrong{"no_file", "[[source]]\nsha256 = \"" + digits + "\"\n",
              "sources.toml:1:1: this source has no \"file\""},
        Wrong{"folder", "[[source]]\nfile = \"../a\"\n", "sources.toml:2:8: \"file\" must be a name"},
        Wrong{"misspelt", good + "ulr = \"https://x\"\n", "sources.toml:4:7: a source has no \"ulr\""},
        Wrong{"type", good + "url = 3\n", "sources.toml:4:7: \"url\" must be a text"},
        Wrong{"scheme", good + "url = \"ftp://x\"\n", "sources.toml:4:7: \"url\" must begin with https://"},
        Wrong{"twice", good + good, "sources.toml:4:1: a is there twice"},
        Wrong{"half_apt", good + "apt = \"x\"\n", "sources.toml:1:1: a needs \"apt\" and \"apt_file\""},
        Wrong{"pinned_tree", good + "tree = \"self\"\n", "sources.toml:1:1: a has both"},
        Wrong{"other_tree", "[[source]]\nfile = \"a\"\ntree = \"src ../x\"\n", "sources.toml:3:8: \"tree\""},
        Wrong{"other_table", "[package]\nname = \"x\"\n", "sources.toml:2:8: \"package\" is nothing"},
        Wrong{"one_bracket", "[source]\nfile = \"a\"\n", "sources.toml:2:8: each source is a [[source]]"},
        Wrong{"when", "when = \"never\"\n", "sources.toml:1:8: \"when\" can only be \"asked\""},
        Wrong{"otherwise", "otherwise = \"skip\"\n", "sources.toml:1:13: \"otherwise\""}),
    [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace photon::forge

#include "devenv/core/terminal.hpp"

#include <gtest/gtest.h>

namespace photon {
namespace {

TEST(Terminal, MeasuresColumnsNotBytes) {
  EXPECT_EQ(columns_of("größe"), 5U);
  EXPECT_EQ(columns_of("漢字"), 4U);
  EXPECT_EQ(columns_of("e\u0301"), 1U);
  EXPECT_EQ(columns_of("\x1b[31mred\x1b[0m"), 3U);
  EXPECT_EQ(columns_of("\xff\xfe"), 2U);
}

TEST(Terminal, CutsWithAMark) {
  EXPECT_EQ(cut("environment", 11), "environment");
  EXPECT_EQ(cut("environment", 5), "envi…");
  EXPECT_EQ(cut("漢字漢字", 4), "漢…");
  EXPECT_EQ(cut("x", 0), "");
}

TEST(Terminal, TextOfOthersCannotSteerTheScreen) {
  EXPECT_EQ(harmless("a\x1b[2Jb\rc\ad\te"), "abcd  e");
  EXPECT_EQ(harmless("\xc2\x9b"
                     "31m"),
            "31m");  // C1 control in UTF-8
  EXPECT_EQ(harmless("\xe2\x80\xae"
                     "gpj"),
            "gpj");  // right-to-left override
  EXPECT_EQ(harmless("ok \xff"), "ok ?");
}

TEST(Terminal, WordsForTimesAndSizes) {
  EXPECT_EQ(duration_words(0.84), "0.8 s");
  EXPECT_EQ(duration_words(12.3), "12 s");
  EXPECT_EQ(duration_words(300), "5 min");
  EXPECT_EQ(duration_words(7300), "2 h");
  EXPECT_EQ(duration_words(86400.0 * 3), "3 d");
  EXPECT_EQ(size_words(512), "512 B");
  EXPECT_EQ(size_words(4'100'000), "4.1 MB");
  EXPECT_EQ(size_words(310'000'000), "310 MB");
}

TEST(Terminal, TablesAlignAndEndAtTheScreen) {
  auto text = table({"NAME", "STATE"}, {{"web", "running"}, {"größer", "stopped"}}, {}, 0);
  EXPECT_EQ(text, "  NAME    STATE\n  web     running\n  größer  stopped\n");
  EXPECT_EQ(table({}, {{"web", "running", "a long story"}}, {}, 16), "  web  running …\n");
}

TEST(Terminal, ErrorsAreASentenceAndTheMendingLine) {
  Error error{Kind::not_found,  "x", "no such thing", Place{"a.json", 7, 3}, "first\nsecond",
              {"while looking"}};
  EXPECT_EQ(render("devenv", error, {}, false), "devenv: a.json:7:3: no such thing\n  first\n  second\n");
  EXPECT_EQ(render("devenv", error, {}, true),
            "devenv: a.json:7:3: no such thing\n  first\n  second\n  while looking\n");
}

}  // namespace
}  // namespace photon

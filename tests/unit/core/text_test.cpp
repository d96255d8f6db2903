#include "devenv/core/text.hpp"

#include <gtest/gtest.h>

namespace photon {
namespace {

TEST(Text, IsTrimmedAtBothEnds) {
  EXPECT_EQ(trimmed(" \t a b \r\n"), "a b");
  EXPECT_EQ(trimmed("a"), "a");
  EXPECT_EQ(trimmed(" \n "), "");
  EXPECT_EQ(trimmed(""), "");
}

TEST(Text, IsQuotedForToml) {
  EXPECT_EQ(toml_text("plain"), R"("plain")");
  EXPECT_EQ(toml_text(R"(a"b\c)"), R"("a\"b\\c")");
  EXPECT_EQ(toml_text("a\nb"), R"("a\u000Ab")");
}

}  // namespace
}  // namespace photon

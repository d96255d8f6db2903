#include "devenv/core/utf8.hpp"

#include <gtest/gtest.h>

namespace photon {
namespace {

using namespace std::string_view_literals;

std::string written(char32_t code) {
  std::string out;
  append_utf8(out, code);
  return out;
}

TEST(Utf8, WhatIsWrittenIsReadAtItsLength) {
  EXPECT_EQ(written('a'), "a");
  EXPECT_EQ(written(0x7ff), "\xdf\xbf");
  EXPECT_EQ(written(0xfffd), "\xef\xbf\xbd");
  EXPECT_EQ(written(0x10ffff), "\xf4\x8f\xbf\xbf");
  for (char32_t code : {0x7fU, 0x80U, 0x7ffU, 0x800U, 0xd7ffU, 0xe000U, 0xffffU, 0x10000U, 0x10ffffU})
    EXPECT_EQ(utf8_length(written(code) + "\x80"), written(code).size()) << std::uint32_t(code);
}

TEST(Utf8, WhatIsNoneHasNoLength) {
  for (auto text : {""sv, "\x80"sv, "\xbf"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xe0\x9f\xbf"sv, "\xed\xa0\x80"sv,
                    "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xe2\x82"sv, "\xff"sv})
    EXPECT_EQ(utf8_length(text), 0U) << testing::PrintToString(text);
  EXPECT_EQ(utf8_length("\xed\xa0\x80", true), 3U) << "half of a pair, where they count";
}

TEST(Utf8, OfABrokenOneWhatIsThereIsSkipped) {
  EXPECT_EQ(utf8_broken_length("\xe2\x82"), 2U);
  EXPECT_EQ(utf8_broken_length("\xe2\x82x"), 2U);
  EXPECT_EQ(utf8_broken_length("\xed\xa0\x80"), 1U);
  EXPECT_EQ(utf8_broken_length("\x80\x80"), 1U);
}

}  // namespace
}  // namespace photon

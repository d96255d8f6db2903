// The scanner: what it takes, what it refuses and where, and 20 000 damaged files.
#include "devenv/spec/scan.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "devenv/core/fd.hpp"
#include "devenv/spec/spec.hpp"

namespace photon::spec {
namespace {

TEST(Scan, TakesCommentsTrailingCommasAndAByteOrderMark) {
  auto value =
      parse_jsonc("\xef\xbb\xbf// first\n{\"a\": [1, 2,], /* b\n */ \"c\": {\"d\": null,},}\n// last", "f");
  ASSERT_TRUE(value) << sentence(value.error());
  EXPECT_EQ(write_json(*value), R"({"a":[1,2],"c":{"d":null}})");
}

TEST(Scan, KnowsWhereEachValueStands) {
  auto root = scan("{\n  \"ä\": true,\n\t\"b\": [\"é\", 12]\n}", "f");
  ASSERT_TRUE(root) << sentence(root.error());
  EXPECT_EQ(root->keys[0].name, "ä");
  EXPECT_EQ(root->items[0].line, 2u);
  EXPECT_EQ(root->items[0].column, 8u);
  EXPECT_EQ(root->keys[1].line, 3u);
  EXPECT_EQ(root->keys[1].column, 2u);
  EXPECT_EQ(root->items[1].items[1].column, 13u);
}

struct Text {
  const char* text;
  const char* json;
};
TEST(Scan, ReadsValuesAsJsonDoes) {
  const Text good[] = {{R"("a\"\\\/\b\f\n\r\tA")", R"("a\"\\/\b\f\n\r\tA")"},
                       {R"("\u00e4\u20ac\ud83d\ude00")", "\"ä€😀\""},
                       {"-0", "0"},
                       {"9223372036854775807", "9223372036854775807"},
                       {"true", "true"},
                       {"[]", "[]"},
                       {"{}", "{}"},
                       {"[[],{\"\":\"\"}]", R"([[],{"":""}])"}};
  for (const auto& [text, expected] : good) {
    auto value = parse_jsonc(text, "f");
    ASSERT_TRUE(value) << text << ": " << sentence(value.error());
    EXPECT_EQ(write_json(*value), expected) << text;
  }
  EXPECT_DOUBLE_EQ(parse_jsonc("-1.5e3", "f")->as_double(), -1500);
}

struct Bad {
  std::string text;
  const char* sentence;
};
TEST(Scan, RefusesWithThePlace) {
  const Bad bad[] = {
      {"", "f:1:1: the file is empty"},
      {" \n // x", "f:2:6: the file is empty"},
      {"{'a': 1}", "f:1:2: expected a name in double quotes, found '''"},
      {"{\"a\": 'b'}", "f:1:7: expected a value, found '''"},
      {"{\"a\": b}", "f:1:7: expected a value, found \"b\""},
      {"{\"a\" 1}", "f:1:6: expected ':' after \"a\", found '1'"},
      {"{\"a\": 1 \"b\": 2}", "f:1:9: expected ',' or '}', found '\"'"},
      {"[1 2]", "f:1:4: expected ',' or ']', found '2'"},
      {"[,]", "f:1:2: expected a value, found ','"},
      {"{,}", "f:1:2: expected a name in double quotes, found ','"},
      {"{\n\"a\": [1,\n", "f:3:1: expected a value, found the end of the file"},
      {"{\n\"a\": 1\n", "f:3:1: '{' of line 1 is not closed"},
      {"{} x", "f:1:4: 'x' after the end"},
      {"{\"a\": 1,\n \"a\": 2}", "f:2:2: \"a\" is there twice"},
      {"\"a", "f:1:1: this text does not end"},
      {"\"a\nb\"", "f:1:1: this text does not end"},
      {"/* x", "f:1:1: this comment does not end"},
      {"/", "f:1:1: expected a value, found '/'"},
      {"\"\\x\"", "f:1:2: unknown escape in a text"},
      {"\"\\u12\"", "f:1:2: \\u takes four hexadecimal digits"},
      {"\"\\ud800\"", "f:1:8: half of a surrogate pair"},
      {"\"\\udc00\"", "f:1:8: half of a surrogate pair"},
      {"\"\\u0000\"", "f:1:8: a text cannot hold \\u0000"},
      {"\"\t\"", "f:1:2: a control character in a text"},
      {"\"\xff\"", "f:1:2: this is not UTF-8"},
      {"\"\xed\xa0\x80\"", "f:1:2: this is not UTF-8"},
      {"01", "f:1:1: this is not a number as JSON writes it"},
      {"1.", "f:1:1: this is not a number as JSON writes it"},
      {"-", "f:1:1: this is not a number as JSON writes it"},
      {"1e+", "f:1:1: this is not a number as JSON writes it"},
      {std::string(65, '['), "f:1:65: more than 64 levels of lists and objects"},
      {std::string("[\0]", 3), "f:1:2: expected a value, found '\\x00'"},
  };
  for (const auto& [text, expected] : bad) {
    auto value = scan(text, "f");
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(sentence(value.error()), expected) << text;
    EXPECT_EQ(value.error().kind, Kind::usage);
    EXPECT_EQ(value.error().code, "spec.syntax");
  }
  EXPECT_EQ(scan(std::string((1 << 20) + 1, ' '), "f").error().message, "the file is larger than 1 MiB");
}

/// Changes a few bytes, cuts, doubles: the usual damage.
std::string damaged(std::string text, std::mt19937& random) {
  auto below = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
  };
  constexpr std::string_view likely = "{}[]\",:/*\\'u0\n\xc3\xff-e.tfn$";
  for (auto times = 1 + below(4); times > 0; --times) {
    if (text.empty()) text = "{";
    auto at = below(text.size());
    switch (below(5)) {
      case 0:
        text[at] = static_cast<char>(below(256));
        break;
      case 1:
        text.erase(at, 1 + below(8));
        break;
      case 2:
        text.insert(at, 1, likely[below(likely.size())]);
        break;
      case 3:
        text.insert(at, text.substr(below(text.size()), below(40)));
        break;
      default:
        text.resize(at);
        break;
    }
  }
  return text;
}

TEST(Scan, SurvivesTwentyThousandDamagedFiles) {
  auto seed = read_file(PHOTON_SOURCE_DIR "/tests/unit/spec/data/full/devcontainer.json");
  ASSERT_TRUE(seed) << sentence(seed.error());
  std::mt19937 random(20241124);
  int good = 0;
  for (int i = 0; i < 20000; ++i) {
    auto text = damaged(*seed, random);
    auto root = scan(text, "f");
    if (root) {
      ++good;
      // What was taken is JSON again, and the same one.
      auto json = to_json(*root);
      auto again = scan(write_json(json), "f");
      ASSERT_TRUE(again) << text << "\n" << sentence(again.error());
      ASSERT_EQ(to_json(*again), json) << text;
      continue;
    }
    ASSERT_TRUE(root.error().where) << text;
    auto lines = static_cast<unsigned>(std::count(text.begin(), text.end(), '\n')) + 1;
    ASSERT_GE(root.error().where->line, 1u);
    ASSERT_LE(root.error().where->line, lines) << text;
  }
  EXPECT_GT(good, 100);
  EXPECT_LT(good, 19000);
}

}  // namespace
}  // namespace photon::spec

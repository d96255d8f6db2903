// The reader that goes on after every fault: what it makes of it, and where it says that something is wrong.
#include "devenv/spec/reference/tolerant.hpp"

#include <random>

#include "tests/unit/reference/build.hpp"

namespace photon::spec::reference {
namespace {

std::string value_of(std::string_view text) {
  auto parsed = parse_tolerant(text);
  if (!parsed) return "error: " + parsed.error().message;
  return parsed->value.undefined() ? "undefined" : write(parsed->value);
}

std::string first_fault(std::string_view text) {
  auto parsed = parse_tolerant(text);
  if (!parsed || parsed->diagnostics.empty()) return "";
  const auto& first = parsed->diagnostics[0];
  return fmt::format("{}:{}: {}", first.line, first.column, first.message);
}

TEST(Tolerant, MakesOfBrokenTextWhatTheReferenceMakes) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"image":"x", oops, "a" "b":1, "c":2})", R"({"image":"x","c":2})"},
      {R"({'image':'x'})", "{}"},
      {R"({"a":1} garbage {"b":2})", R"({"a":1})"},
      {R"({"a":1,,"b":2})", R"({"a":1,"b":2})"},
      {R"({"a":1 "b":2})", R"({"a":1,"b":2})"},
      {R"({"a":[1 2,,3,]})", R"({"a":[1,2,3]})"},
      {R"({"a":{"b":1)", R"({"a":{"b":1}})"},
      {R"({"a":"x)", R"({"a":"x"})"},
      {R"({"a":01})", R"({"a":0})"},
      {R"({"a":-})", "{}"},
      {R"({"a":1.,"b":2e})", R"({"a":1,"b":2})"},
      {R"({"a":"\q\u12"})", R"({"a":""})"},
      {R"({"a":NaN,"b":true1,"c":null})", R"({"c":null})"},
      {R"({"__proto__":{"image":"x"},"a":1})", R"({"a":1})"},
      {R"({"a":1e999,"b":1e-999})", R"({"a":null,"b":0})"},
      {"\xef\xbb\xbf{\"a\":1}", R"({"a":1})"},
      {"", "undefined"},
      {"oops", "undefined"},
      {"]", "undefined"},
      {"[1", "[1]"},
      {"/* open", "undefined"},
      {"{\"a\"/**/: // x\r\n1}", R"({"a":1})"},
      {"{\"a\":\"x\ny\":1}", R"({"a":"x"})"},
  };
  for (const auto& [text, value] : cases) EXPECT_EQ(value_of(text), value) << text;
}

TEST(Tolerant, SaysWhereItWasWrong) {
  EXPECT_EQ(first_fault("{\n  \"\xc3\xa4\": 1\n  \"b\": 2\n}"), "3:3: a ',' is missing");
  EXPECT_EQ(first_fault("{\"a\": oops}"), "1:7: this is no value");
  EXPECT_EQ(first_fault("{\"a\" 1}"), "1:6: a ':' is missing");
  EXPECT_EQ(first_fault("{\r\n\"a\": \"x\r\n}"), "2:6: this text does not end");
  EXPECT_EQ(first_fault("{\"a\": 1"), "1:8: the '}' is missing");
  EXPECT_EQ(first_fault("{} x"), "1:4: this is no value");
  EXPECT_EQ(first_fault("// fine\n{\"a\": [1,],}\n"), "");
}

TEST(Tolerant, RefusesNothingButDepth) {
  std::string deep(600, '[');
  EXPECT_EQ(value_of(deep), "error: more than 500 levels of brackets");
  EXPECT_EQ(value_of(std::string(500, '[')).size(), 1000u);
}

TEST(Tolerant, ManyFaultsAreToldTwentyTimes) {
  auto parsed = parse_tolerant("[" + std::string(1000, '?') + std::string(100, ':') + "]");
  ASSERT_TRUE(parsed);
  EXPECT_LE(parsed->diagnostics.size(), 20u);
}

TEST(Tolerant, AnyDamageIsTakenAndWhatIsWrittenIsReadBack) {
  const std::string whole = R"({"image": "x", // c
    "mounts": [{"source": "a\u00e4", "target": "/t"}, "type=bind"], "n": -1.5e3, "o": {"1": null, "a": true}})";
  std::mt19937 random(7);  // NOLINT: the same damage in every run
  for (int round = 0; round < 20000; ++round) {
    auto text = whole;
    for (unsigned i = 0; i < 1 + random() % 4; ++i) {
      auto at = random() % text.size();
      if (random() % 2 == 0)
        text[at] = static_cast<char>(random());
      else
        text.erase(at, 1 + random() % 5);
    }
    auto parsed = parse_tolerant(text);
    ASSERT_TRUE(parsed) << text;
    if (parsed->value.undefined()) continue;
    auto written = write(parsed->value);
    auto again = parse_strict(written);
    ASSERT_TRUE(again) << written;
    ASSERT_EQ(write(*again), written);
  }
}

TEST(Strict, TakesJsonToTheLetter) {
  EXPECT_EQ(write(json(R"([{"a":1}])")), R"([{"a":1}])");
  for (const char* bad : {"", "{'a':1}", "[1,]", "[1] x", "// c\n[]", "{\"a\":01}", "[1", "\"a\nb\""})
    EXPECT_FALSE(parse_strict(bad)) << bad;
}

}  // namespace
}  // namespace photon::spec::reference

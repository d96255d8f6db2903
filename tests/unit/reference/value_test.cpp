// Values: order of members, text of numbers, coercions, JSON text.
#include "devenv/spec/reference/value.hpp"

#include <cmath>

#include "devenv/spec/reference/text.hpp"
#include "tests/unit/reference/build.hpp"

namespace photon::spec::reference {
namespace {

TEST(Value, WholeNumbersComeFirstAmongNames) {
  EXPECT_EQ(write(json(R"({"b":1,"2":2,"1":3,"01":4,"-1":5,"4294967295":6,"4294967294":7})")),
            R"({"1":3,"2":2,"4294967294":7,"b":1,"01":4,"-1":5,"4294967295":6})");
}

TEST(Value, ANameThatIsSetAgainKeepsItsPlace) {
  auto value = json(R"({"a":1,"b":2,"a":3})");
  EXPECT_EQ(write(value), R"({"a":3,"b":2})");
  value.object()->erase("a");
  value.object()->set("a", 4);
  EXPECT_EQ(write(value), R"({"b":2,"a":4})");
}

TEST(Value, ManyMembersAreFoundAsFewAre) {
  Object object;
  for (int i = 0; i < 200; ++i) object.set(fmt::format("name{}", i), i);
  object.erase("name7");
  object.set("name8", "eight");
  EXPECT_EQ(object.size(), 199u);
  EXPECT_EQ(object.find("name7"), nullptr);
  EXPECT_EQ(*object.find("name8")->text(), "eight");
  EXPECT_EQ(*object.find("name199")->number(), 199);
}

TEST(Value, ACopyIsOfItsOwn) {
  Value first = json(R"({"a":1})");
  Value second = first;
  second.object()->set("a", 2);
  EXPECT_EQ(write(first), R"({"a":1})");
}

TEST(Value, NumbersAreWrittenAsJavaScriptDoes) {
  const std::pair<double, const char*> numbers[] = {{1.50, "1.5"},
                                                    {1e3, "1000"},
                                                    {0.1, "0.1"},
                                                    {1e21, "1e+21"},
                                                    {1e20, "100000000000000000000"},
                                                    {1e-6, "0.000001"},
                                                    {1e-7, "1e-7"},
                                                    {123456789012345680.0, "123456789012345680"},
                                                    {-0.0, "0"},
                                                    {-1.25e-9, "-1.25e-9"},
                                                    {5e-324, "5e-324"},
                                                    {1.7976931348623157e308, "1.7976931348623157e+308"}};
  for (const auto& [number, text] : numbers) EXPECT_EQ(number_text(number), text);
  EXPECT_EQ(write(Value(std::nan(""))), "null");
  EXPECT_EQ(write(Value(HUGE_VAL)), "null");
}

TEST(Value, TextsBecomeNumbersAsJavaScriptDoes) {
  EXPECT_EQ(number_of(" 4 "), 4);
  EXPECT_EQ(number_of(""), 0);
  EXPECT_EQ(number_of("0x1f"), 31);
  EXPECT_EQ(number_of("1."), 1);
  EXPECT_EQ(number_of(".5"), 0.5);
  EXPECT_EQ(number_of("-Infinity"), -HUGE_VAL);
  EXPECT_EQ(number_of("1e999"), HUGE_VAL);
  EXPECT_EQ(number_of("1e-999"), 0);
  for (const char* none : {"4 cpus", "abc", "1e", ".", "--1", "nan", "inf", "0x"})
    EXPECT_TRUE(std::isnan(number_of(none))) << none;
  EXPECT_EQ(leading_integer("77x"), 77);
  EXPECT_EQ(leading_integer("0x10"), 16);
  EXPECT_TRUE(std::isnan(leading_integer("t:77")));
}

TEST(Value, TextsAreEscapedAsJsonStringifyDoes) {
  EXPECT_EQ(write(Value("a\"\\\b\f\n\r\t\x01\x7f/\xc3\xa4")), R"("a\"\\\b\f\n\r\t\u0001)"
                                                              "\x7f/\xc3\xa4\"");
  EXPECT_EQ(write(json(R"("\ud83d\ude00 \ud800x")")), "\"\xf0\x9f\x98\x80 \\ud800x\"");
}

TEST(Value, BytesThatAreNoTextBecomeReplacements) {
  EXPECT_EQ(decoded("a\xff"
                    "b\xe2\x82"
                    "c\xed\xa0\x80"),
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd"
            "c\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(Value, TextsAreSortedAsICUDoes) {
  const std::string_view sorted[] = {"_x", "-x", ".x", "/x", "10", "9", "a", "A", "aB", "Ab", "b"};
  for (std::size_t i = 0; i + 1 < std::size(sorted); ++i)
    EXPECT_LT(compare_locale(sorted[i], sorted[i + 1]), 0) << sorted[i] << " " << sorted[i + 1];
  EXPECT_EQ(compare_locale("a", "a"), 0);
}

TEST(Value, SpreadTakesListsAndTextsApart) {
  EXPECT_EQ(write(spread(json(R"("aä")"))), "{\"0\":\"a\",\"1\":\"\xc3\xa4\"}");
  EXPECT_EQ(write(spread(json("[true,null]"))), R"({"0":true,"1":null})");
  EXPECT_EQ(write(spread(json("5"))), "{}");
}

}  // namespace
}  // namespace photon::spec::reference

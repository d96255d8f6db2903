// YAML as a bounded tree: anchors, merge keys, tags, places, and what is refused.
#include "devenv/compose/yaml.hpp"

#include "tests/unit/compose/world.hpp"

namespace photon::compose::yaml {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string words(const std::string& text) {
  auto node = parse(text, "c.yml");
  return node ? canonical(*node) : sentence(node.error());
}

TEST(Yaml, MapsListsTextsAndNothing) {
  auto node = parse("a: 1\nb: [x, 'null']\nc:\nd: ~\n", "c.yml").value();
  EXPECT_THAT(node.keys, ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(node.find("a")->text, "1");
  EXPECT_EQ(node.find("b")->items[1].text, "null");
  EXPECT_TRUE(node.find("c")->is_nothing());
  EXPECT_TRUE(node.find("d")->is_nothing());
  EXPECT_EQ(node.find("b")->where, (Place{"c.yml", 2, 4}));
  EXPECT_TRUE(parse("# nothing\n", "c.yml")->is_nothing());
}

TEST(Yaml, AnchorsAliasesAndMergeKeys) {
  EXPECT_EQ(words("a: &x [1, 2]\nb: *x\n"), words("a: [1, 2]\nb: [1, 2]\n"));
  EXPECT_EQ(words("c: &c {i: 1, j: 2}\na: {<<: *c, j: 3}\n"), words("c: {i: 1, j: 2}\na: {j: 3, i: 1}\n"));
  EXPECT_EQ(words("c: &c {i: 1}\nd: &d {i: 2, k: 2}\na: {<<: [*c, *d]}\n"),
            words("c: {i: 1}\nd: {i: 2, k: 2}\na: {i: 1, k: 2}\n"))
      << "the first one wins";
  EXPECT_EQ(words("a: &a {b: *a}\n"), "c.yml:1:11: an alias stands within what it stands for");
  EXPECT_THAT(words("a: {<<: 1}\n"), HasSubstr("c.yml:1:9: \"<<\" takes a map"));
  EXPECT_THAT(words("a: *none\n"), HasSubstr("c.yml:1:4: "));
}

TEST(Yaml, TagsOfComposeAreKeptOthersRefused) {
  auto node = parse("a: !reset null\nb: !override [1]\nc: !!str 5\n", "c.yml").value();
  EXPECT_EQ(node.find("a")->tag, "!reset");
  EXPECT_EQ(node.find("b")->tag, "!override");
  EXPECT_EQ(node.find("c")->text, "5");
  EXPECT_THAT(words("a: !vault x\n"), HasSubstr("c.yml:1:4: the tag !vault is not known"));
  EXPECT_THAT(words("a: !!binary aGk=\n"), HasSubstr("is not read"));
}

TEST(Yaml, WhatIsWrongIsToldWithItsPlace) {
  EXPECT_THAT(words("a: 1\na: 2\n"), HasSubstr("c.yml:2:1: \"a\" is here for the second time"));
  EXPECT_THAT(words("a: [1\n"), HasSubstr("c.yml:"));
  EXPECT_THAT(words("? [a]\n: 1\n"), HasSubstr("a key has to be a word"));
  EXPECT_THAT(words("a: 1\n---\nb: 2\n"), HasSubstr("a second document"));
  EXPECT_THAT(words("a: \xff\n"), HasSubstr("no text in UTF-8"));
}

TEST(Yaml, BombsAreRefusedBeforeTheyAreMade) {
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    laughs += fmt::format("a{0}: &a{0} [", i);
    for (int j = 0; j < 10; ++j) laughs += fmt::format("{}*a{}", j ? ", " : "", i - 1);
    laughs += "]\n";
  }
  EXPECT_THAT(words(laughs), HasSubstr("more than 20000 values"));
  std::string long_text = "a: &a " + std::string(500000, 'x') + "\nb: [";
  for (int i = 0; i < 100; ++i) long_text += "*a, ";
  EXPECT_THAT(words(long_text + "]\n"), HasSubstr("more than"));
  EXPECT_THAT(words(std::string(2000, '[')), HasSubstr("deeper than 32 levels"));
  EXPECT_THAT(words(std::string(most_bytes + 1, ' ')), HasSubstr("more than 1048576 bytes"));
}

TEST(Yaml, Truths) {
  auto truth = [](const std::string& text) { return parse(text, "c.yml")->truth(); };
  EXPECT_EQ(truth("true"), true);
  EXPECT_EQ(truth("Yes"), true);
  EXPECT_EQ(truth("off"), false);
  EXPECT_EQ(truth("maybe"), std::nullopt);
}

}  // namespace
}  // namespace photon::compose::yaml

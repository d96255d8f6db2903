#include "images/firstboot/yaml.hpp"

#include <gmock/gmock.h>

namespace photon::first_boot::yaml {
namespace {

using testing::HasSubstr;

std::string fault(std::string_view text) {
  auto read = parse(text, "f");
  return read ? "none" : sentence(read.error());
}

TEST(Yaml, ValuesKnowTheirPlace) {
  auto root = parse("a: 1\nlist:\n  - x\n  - 'yes'\n", "f").value();
  EXPECT_EQ(root.find("a")->text, "1");
  const auto& list = *root.find("list");
  ASSERT_EQ(list.items.size(), 2U);
  EXPECT_EQ(list.items[1].where, (Place{"f", 4, 5}));
  EXPECT_EQ(root.find("nothing"), nullptr);
}

TEST(Yaml, TruthsAreThoseOfYaml11) {
  auto root = parse("a: yes\nb: Off\nc: maybe\nd: ~\ne: ''\n", "f").value();
  EXPECT_EQ(root.find("a")->truth(), true);
  EXPECT_EQ(root.find("b")->truth(), false);
  EXPECT_EQ(root.find("c")->truth(), std::nullopt);
  EXPECT_TRUE(root.find("d")->is_null());
  EXPECT_FALSE(root.find("e")->is_null());
}

TEST(Yaml, BombsAreRefusedBeforeTheyAreMade) {
  EXPECT_THAT(fault("a: &a [x]\nb: *a\n"), HasSubstr("f:2:4: aliases"));
  EXPECT_THAT(fault(std::string(100, '[') + std::string(100, ']')), HasSubstr("deeper than"));
  std::string many = "[";
  for (int i = 0; i < 30000; ++i) many += "a,";
  EXPECT_THAT(fault(many + "a]"), HasSubstr("more than"));
  EXPECT_THAT(fault(std::string((1 << 20) + 1, ' ')), HasSubstr("more than"));
  EXPECT_THAT(fault("a: !!python/object:os.system x\n"), HasSubstr("tag"));
}

TEST(Yaml, FaultsSayWhere) {
  EXPECT_THAT(fault("a: b\n c: d\n"), HasSubstr("f:2:"));
  EXPECT_THAT(fault("a: 1\na: 2\n"), HasSubstr("f:2:1: \"a\" is here for the second time"));
  EXPECT_THAT(fault("---\na: 1\n---\nb: 1\n"), HasSubstr("second document"));
  EXPECT_THAT(fault("[a]: b\n"), HasSubstr("a key has to be a word"));
  EXPECT_THAT(fault("\xff\xfe\xff"), HasSubstr("f:"));
  EXPECT_TRUE(parse("", "f").value().is_null());
}

}  // namespace
}  // namespace photon::first_boot::yaml

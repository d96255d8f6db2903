// Templates: options in their files, a feature more in their configuration; pages of collections.
#include "devenv/spec/reference/template_options.hpp"

#include "devenv/spec/reference/collection_docs.hpp"
#include "devenv/spec/reference/json_edit.hpp"
#include "tests/unit/reference/build.hpp"

namespace photon::spec::reference {
namespace {

TEST(TemplateOptions, ArePutIn) {
  auto options = json(R"({"a":"1","b":"","c_2":"x"})");
  EXPECT_EQ(
      with_options("${templateOption:a}|${templateOption: a\n}|${templateOption:b}|${templateOption:c_2}",
                   options),
      "1|1||x");
  EXPECT_EQ(with_options("${templateOption:none}", options), "");
  for (const char* text : {"${templateOption:}", "${templateOption:a b}", "${templateOption:a",
                           "${templateoption:a}", "$templateOption:a", "${templateOption:${templateOption:"})
    EXPECT_EQ(with_options(text, options), text);
}

TEST(TemplateOptions, HaveDefaults) {
  auto document =
      json(R"({"options":{"a":{"type":"string","default":"d"},"b":{"type":"boolean","default":true},
    "c":{"type":"boolean","default":false},"e":{"type":"other","default":"x"},"f":{"type":"string","default":"mine"}}})");
  EXPECT_EQ(write(with_defaults(json(R"({"f":"yours"})"), document)), R"({"f":"yours","a":"d","b":"true"})");
  EXPECT_EQ(write(with_defaults(json("{}"), Value())), "{}");
}

std::string edited(std::string_view document, std::string_view holder, std::string_view name,
                   const Value& value) {
  auto done = with_member(document, holder, name, value);
  return done ? *done : "error";
}

TEST(JsonEdit, KeepsWhatStandsThere) {
  EXPECT_EQ(edited("{}", "", "a", 1), "{\n\t\"a\": 1\n}");
  // The line that changes is laid out anew, the others stay.
  EXPECT_EQ(edited("{\n    // above\n    \"b\": 2, // behind\n    \"c\": 3\n}\n", "", "a", true),
            "{\n    // above\n    \"b\": 2, // behind\n\t\"c\": 3,\n\t\"a\": true\n}\n");
  EXPECT_EQ(edited(R"({"f":{"x":1}})", "f", "x", "y"), R"({"f":{"x":"y"}})");
  EXPECT_EQ(edited("[]", "", "a", 1), "error");
  EXPECT_EQ(edited(R"({"f":[]})", "f", "a", 1), "error");
  EXPECT_EQ(edited("{", "", "a", 1), "error");
}

TEST(CollectionDocs, DollarsAreAPartOfWhatStoodThere) {
  auto text = feature_docs(json(R"({"id":"a","description":"$$|$&|$1","version":"2.1.0"})"),
                           {"r.example", "n", "src", "a", "devcontainer-feature.json", "", "", ""});
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, testing::HasSubstr("\n# a\n\n$|#{Description}|$1\n"));
  EXPECT_THAT(*text, testing::HasSubstr("\"r.example/n/a:2\": {}"));
  EXPECT_FALSE(feature_docs(json(R"({"id":"a","version":2})"), {}));
  EXPECT_FALSE(feature_docs(json(R"({"id":"a","options":{"o":null}})"), {}));
}

TEST(CollectionDocs, OldNamesAndTheEndAreToldAbove) {
  auto text = template_docs(
      json(R"({"id":"a","deprecated":true,"legacyIds":["b","c"],"options":{"o":{"default":""}}})"),
      {"", "", "./src", "a", "devcontainer-template.json", "notes", "own", "repo"});
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, testing::StartsWith("### **IMPORTANT NOTE**\n- **This Feature is deprecated"));
  EXPECT_THAT(*text, testing::HasSubstr("'b', 'c'"));
  EXPECT_THAT(*text, testing::HasSubstr("| o | - | - | - |"));
  EXPECT_THAT(*text, testing::HasSubstr("/own/repo/blob/main/src/a/devcontainer-template.json"));
}

}  // namespace
}  // namespace photon::spec::reference

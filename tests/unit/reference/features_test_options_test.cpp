// The command line of `features test`, the options of duplicates, and names of images that nobody has named.
#include <gmock/gmock.h>

#include "devenv/devcontainer/features_test.hpp"
#include "devenv/devcontainer/image_name.hpp"
#include "devenv/spec/reference/tolerant.hpp"

namespace photon::devcontainer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TestOptions taken(const std::vector<std::string>& words) {
  auto parsed = parse_test_options(words);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed.value_or(TestOptions());
}

TEST(FeaturesTestOptions, FeaturesAreWordsUntilTheNextOption) {
  EXPECT_THAT(taken({"/p", "-f", "a", "b", "--quiet", "--features", "c", "-i", "x"}).features,
              ElementsAre("a", "b", "c"));
  auto made = taken({"--features=a", "b", "-p", "/q", "-u", "dev", "-q"});
  EXPECT_THAT(made.features, ElementsAre("a", "b"));
  EXPECT_EQ(made.project, "/q");
  EXPECT_EQ(made.remote_user, "dev");
  EXPECT_EQ(made.base_image, "ubuntu:focal");
  EXPECT_TRUE(made.quiet);
  EXPECT_EQ(taken({"/p"}).project, "/p");
  EXPECT_FALSE(taken({"."}).named);
}

TEST(FeaturesTestOptions, SomeDoNotGoTogether) {
  auto fault = [](const std::vector<std::string>& words) {
    return parse_test_options(words).error().message;
  };
  EXPECT_EQ(fault({"--global-scenarios-only", "-f", "a"}),
            "Cannot combine --global-scenarios-only and --features");
  EXPECT_EQ(fault({"--global-scenarios-only", "--skip-scenarios"}),
            "Cannot combine --skip-scenarios and --global-scenarios-only");
  EXPECT_THAT(fault({"--nonsense"}), HasSubstr("nonsense"));
}

TEST(FeaturesTestOptions, DuplicatesGetOtherValues) {
  auto said = spec::reference::parse_tolerant(R"({"options": {
    "on": {"type": "boolean", "default": true}, "off": {"type": "boolean"},
    "color": {"type": "string", "enum": ["red", "gold", "blue"], "default": "red"},
    "last": {"type": "string", "proposals": ["a", "b"], "default": "b"},
    "one": {"type": "string", "enum": ["only"], "default": "only"}, "free": {"type": "string"}}})");
  auto chosen = other_options(said->value, false);
  EXPECT_EQ(spec::reference::write(chosen),
            R"({"on":false,"off":true,"color":"gold","last":"a","one":"only"})");
  spec::reference::Object more;
  more.set("fooBar", true);
  more.set("9x-y__DEFAULT", "v w");
  EXPECT_THAT(option_variables(more), ElementsAre("FOOBAR=true", "_X_Y__DEFAULT=v w"));
}

TEST(ImageName, OfAFolderHasOnlyWhatANameMayHave) {
  auto name = [](const std::string& folder) {
    auto whole = folder_image_name(folder);
    return whole.substr(0, whole.size() - 64);
  };
  EXPECT_EQ(name("/home/Web Site"), "vsc-website-");
  EXPECT_EQ(name("/a..b__c___d"), "vsc-a.b__c__d-");
  EXPECT_EQ(name("/a-._b"), "vsc-a-b-");
  EXPECT_EQ(folder_image_name("/w"),
            "vsc-w-d1bb8ca354673cd575d31d952490058c9943aef39d5a9553fb4a21ab7a59a19d");
}

}  // namespace
}  // namespace photon::devcontainer

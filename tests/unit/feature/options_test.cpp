#include "devenv/feature/options.hpp"

#include <gmock/gmock.h>

namespace photon::feature {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

TEST(FeatureOptions, NamesBecomeVariablesAsTheReferenceMakesThem) {
  EXPECT_EQ(option_variable("version"), "VERSION");
  EXPECT_EQ(option_variable("fooBar"), "FOOBAR");
  EXPECT_EQ(option_variable("9x-y"), "_X_Y");
  EXPECT_EQ(option_variable("_9_a"), "_A");
  EXPECT_EQ(option_variable("größe"), "GR__E") << "an umlaut is one character";
  EXPECT_EQ(option_variable("a😀"), "A__") << "two units, as JavaScript counts";
  EXPECT_EQ(option_variable("123"), "_");
  EXPECT_EQ(option_variable(""), "");
}

Metadata tools() {
  return *parse_metadata(R"({"id": "tools", "version": "1.2.0", "options": {
      "version": {"type": "string", "proposals": ["latest"], "default": "latest"},
      "extra": {"type": "boolean", "default": false},
      "size": {"type": "string", "enum": ["small", "large"], "default": "small"},
      "none": {"type": "string"}}})",
                         "it");
}

std::map<std::string, std::string> chosen(const spec::FeatureWish& wish,
                                          std::vector<spec::Warning>& warnings) {
  return chosen_options(tools(), wish, warnings);
}

TEST(FeatureOptions, DefaultsAndWhatIsAskedFor) {
  std::vector<spec::Warning> warnings;
  EXPECT_THAT(chosen({"t", "", {}, {}}, warnings),
              ElementsAre(Pair("extra", "false"), Pair("size", "small"), Pair("version", "latest")));
  EXPECT_THAT(chosen({"t", "2", {}, {}}, warnings),
              ElementsAre(Pair("extra", "false"), Pair("size", "small"), Pair("version", "2")));
  EXPECT_THAT(chosen({"t", "", {{"extra", "true"}, {"none", "a b"}}, {}}, warnings),
              ElementsAre(Pair("extra", "true"), Pair("none", "a b"), Pair("size", "small"),
                          Pair("version", "latest")));
  EXPECT_THAT(warnings, IsEmpty());
}

TEST(FeatureOptions, WhatTheFeatureDoesNotKnowIsPassedOnAndTold) {
  std::vector<spec::Warning> warnings;
  auto options =
      chosen({"t", "", {{"verison", "3"}, {"extra", "maybe"}, {"size", "huge"}}, {"f", 3, 5}}, warnings);
  EXPECT_EQ(options["verison"], "3");
  EXPECT_EQ(options["size"], "huge");
  ASSERT_EQ(warnings.size(), 3U);
  EXPECT_THAT(warnings[0].message, HasSubstr("the option \"extra\" of t is \"maybe\""));
  EXPECT_THAT(warnings[1].hint, HasSubstr("small, large"));
  EXPECT_THAT(warnings[2].hint, HasSubstr("did you mean \"version\"?"));
  EXPECT_EQ(warnings[2].where.line, 3U);
}

TEST(FeatureOptions, ATextAloneIsNoOptionWhereThereIsNoVersion) {
  auto plain = *parse_metadata(R"({"id": "plain"})", "it");
  std::vector<spec::Warning> warnings;
  EXPECT_THAT(chosen_options(plain, {"p", "latest", {}, {}}, warnings), IsEmpty());
}

TEST(FeatureOptions, ContainerEnvRefersToWhatIsSetByThen) {
  auto metadata = *parse_metadata(R"({"id": "go", "containerEnv": {
      "GOROOT": "/usr/local/go", "PATH": "${GOROOT}/bin:$PATH", "OTHER": "${NONE:-plan ${GOROOT}}|${PATH:+set}|${NONE}",
      "PLAIN": "cost: $5 ${bad-name} $ ${", "SLASH": "a\\b\"c"}})",
                                  "it");
  std::vector<std::string> env{"A=b", "PATH=/bin"};
  add_container_env(env, metadata);
  EXPECT_THAT(
      env, ElementsAre("A=b", "PATH=/usr/local/go/bin:/bin", "GOROOT=/usr/local/go",
                       "OTHER=plan /usr/local/go|set|", "PLAIN=cost: $5 ${bad-name} $ ${", "SLASH=a\\b\"c"));
}

}  // namespace
}  // namespace photon::feature

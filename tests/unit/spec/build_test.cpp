// "build" and its older forms: what they mean, and what is wrong in them with its place.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/spec/inputs.hpp"

namespace photon::spec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

constexpr const char* folder = "/home/ada/web/.devcontainer";

/// A repository with that devcontainer.json and some Dockerfiles.
World world(std::string text) {
  World made(std::move(text));
  made.files[std::string(folder) + "/Dockerfile"] = "FROM a AS base\nFROM base AS tools\n";
  made.files["/home/ada/web/Dockerfile"] = "FROM b\n";
  made.files["/home/ada/web/docker/dev.Dockerfile"] = "FROM c\n";
  return made;
}
Build build_of(const std::string& text) {
  auto resolved = world(text).resolve();
  EXPECT_TRUE(resolved) << text << ": " << sentence(resolved.error());
  if (!resolved || !resolved->plan.build) return {};
  return *resolved->plan.build;
}
Error fault(const std::string& text) {
  auto resolved = world(text).resolve();
  EXPECT_FALSE(resolved) << text;
  return resolved ? Error{} : resolved.error();
}

TEST(Build, PathsCountFromTheFolderOfTheFile) {
  auto plain = build_of(R"({"build": {"dockerfile": "Dockerfile"}})");
  EXPECT_EQ(plain.dockerfile, std::string(folder) + "/Dockerfile");
  EXPECT_EQ(plain.context, folder);
  EXPECT_EQ(plain.repository, "/home/ada/web");
  EXPECT_EQ(plain.digest.size(), 64U);
  auto other = build_of(R"({"build": {"dockerfile": "../docker/dev.Dockerfile"}})");
  EXPECT_EQ(other.dockerfile, "/home/ada/web/docker/dev.Dockerfile");
  EXPECT_EQ(other.context, "/home/ada/web/docker") << "the Dockerfile's folder";
  auto above = build_of(R"({"build": {"dockerfile": "Dockerfile", "context": ".."}})");
  EXPECT_EQ(above.context, "/home/ada/web");
  auto old = build_of(R"({"dockerFile": "../Dockerfile", "context": ".", "build": {"args": {"A": "1"}}})");
  EXPECT_EQ(old.dockerfile, "/home/ada/web/Dockerfile");
  EXPECT_EQ(old.context, folder);
  EXPECT_THAT(old.args, ElementsAre(Pair("A", "1")));
}

TEST(Build, TheRepositoryMayBeginAboveTheFolder) {
  auto made = world(R"({"build": {"dockerfile": "Dockerfile", "context": "../.."}})");
  ASSERT_FALSE(made.resolve());
  made.inputs.git_root = "/home/ada";
  auto resolved = made.resolve();
  ASSERT_TRUE(resolved) << sentence(resolved.error());
  EXPECT_EQ(resolved->plan.build->context, "/home/ada");
  EXPECT_EQ(resolved->plan.build->repository, "/home/ada");
}

TEST(Build, ValuesAreSubstituted) {
  auto build =
      build_of(R"({"build": {"dockerfile": "${localEnv:NONE:Dockerfile}", "target": "${localEnv:T:tools}",
    "args": {"USER": "${localEnv:USER}", "N": 12, "F": true},
    "options": ["--label", "who=${localEnv:USER}", "--pull", "--add-host=db:10.0.0.1", "--build-arg=X=y=z", "-q",
                "--progress", "plain", "--network=default", "--shm-size=64MB"]}})");
  EXPECT_EQ(build.target, "tools");
  EXPECT_THAT(build.args,
              ElementsAre(Pair("F", "true"), Pair("N", "12"), Pair("USER", "ada"), Pair("X", "y=z")));
  EXPECT_THAT(build.options,
              ElementsAre("--label=who=ada", "--pull", "--add-host=db:10.0.0.1", "--shm-size=64M"));
}

TEST(Build, WhatNeedsARebuild) {
  auto hash = [](World made) { return made.resolve()->plan.hash; };
  const std::string text = R"({"build": {"dockerfile": "Dockerfile"}})";
  auto first = hash(world(text));
  EXPECT_EQ(hash(world(R"({"build": /* why */ {"dockerfile": "./Dockerfile"}})")), first);
  EXPECT_NE(hash(world(R"({"build": {"dockerfile": "Dockerfile", "target": "base"}})")), first);
  EXPECT_NE(hash(world(R"({"build": {"dockerfile": "Dockerfile", "args": {"A": "1"}}})")), first);
  auto edited = world(text);
  edited.files[std::string(folder) + "/Dockerfile"] += "RUN true\n";
  EXPECT_NE(hash(edited), first);
}

TEST(Build, FaultsHaveTheirPlace) {
  struct Case {
    const char* text;
    const char* message;
  };
  constexpr Case cases[] = {
      {R"({"image": "a", "build": {"dockerfile": "Dockerfile"}})",
       "1:11: \"image\" and a Dockerfile exclude"},
      {R"({"build": {"dockerfile": "None"}})", "1:26: there is no .devcontainer/None"},
      {R"({"dockerFile": "None"})", "1:16: there is no .devcontainer/None"},
      {R"({"build": {}})", "1:11: \"build\" does not name a Dockerfile"},
      {R"({"build": "Dockerfile"})", "1:11: \"build\" must be an object"},
      {R"({"build": {"dockerfile": 1}})", "1:26: \"build.dockerfile\" must be a text"},
      {R"({"build": {"dockerfile": "Dockerfile", "target": "tool"}})",
       "1:50: no stage of .devcontainer/Dockerfile is called \"tool\""},
      {R"({"build": {"dockerfile": "Dockerfile", "args": []}})",
       "1:48: \"build.args\" must be an object of texts"},
      {R"({"build": {"dockerfile": "Dockerfile", "args": {"A": null}}})", "1:54: \"build.args\" must be"},
      {R"({"build": {"dockerfile": "Dockerfile", "args": {"A": {}}}})", "1:54: \"build.args\" must be"},
      {R"({"build": {"dockerfile": "Dockerfile", "args": {"A B": ""}}})",
       "1:49: \"A B\" cannot name an argument"},
      {R"({"build": {"dockerfile": "Dockerfile", "context": "../.."}})",
       "1:51: the build's context /home/ada lies outside of the repository /home/ada/web"},
      {R"({"build": {"dockerfile": "/etc/passwd"}})", "1:26: the Dockerfile /etc/passwd lies outside"},
      {R"({"build": {"dockerfile": "Dockerfile", "options": ["--pull", "--ssh=default"]}})",
       "1:62: \"build.options\": --ssh is not supported"},
      {R"({"build": {"dockerfile": "Dockerfile", "options": ["--network=host"]}})",
       "1:52: \"build.options\" must be without a --network but none and default"},
      {R"({"build": {"dockerfile": "Dockerfile", "options": ["--label"]}})",
       "1:52: \"build.options\" must be complete"},
      {R"({"build": {"dockerfile": "Dockerfile", "dockerfle": "x"}})",
       "1:40: unknown property \"build.dockerfle\""},
      {R"({"dockerFile": "Dockerfile", "build": {"dockerfile": "Dockerfile"}})",
       "1:54: \"dockerFile\" and \"build.dockerfile\" both name"},
      {R"({"context": ".."})", "1:13: \"build\" does not name a Dockerfile"},
  };
  for (const auto& one : cases)
    EXPECT_THAT(sentence(fault(one.text)),
                testing::StartsWith(fmt::format(".devcontainer/devcontainer.json:{}", one.message)))
        << one.text;
  EXPECT_EQ(fault(R"({"build": {"dockerfile": "Dockerfile", "target": "tool"}})").hint,
            "did you mean \"tools\"?");
}

TEST(Build, WhatHasNoEffectIsTold) {
  auto resolved = world(R"({"build": {"dockerfile": "Dockerfile", "cacheFrom": "r.test/a"}})").resolve();
  ASSERT_TRUE(resolved);
  ASSERT_EQ(resolved->warnings.size(), 1U);
  EXPECT_THAT(resolved->warnings[0].message, HasSubstr("\"build.cacheFrom\" has no effect"));
  auto lenient = world(R"({"build": {"dockerfile": "Dockerfile", "options": ["--ssh=default"], "x": 1}})");
  lenient.inputs.allow_unknown = true;
  resolved = lenient.resolve();
  ASSERT_TRUE(resolved) << sentence(resolved.error());
  EXPECT_EQ(resolved->warnings.size(), 2U);
  EXPECT_THAT(resolved->plan.build->options, IsEmpty());
}

TEST(Build, APlanSurvivesJson) {
  auto resolved = world(R"({"build": {"dockerfile": "Dockerfile", "target": "tools", "context": "..",
    "args": {"A": "1"}, "cacheFrom": ["r.test/a"], "options": ["--pull"]}})")
                      .resolve();
  ASSERT_TRUE(resolved);
  EXPECT_EQ(plan_from_json(to_json(resolved->plan)).value(), resolved->plan);
}

TEST(Build, AnImagesLabelCannotAskForIt) {
  auto plan = plan_of(R"({"image": "a"})");
  std::vector<Warning> warnings;
  auto merged =
      merge_image_metadata(plan, R"([{"build": {"dockerfile": "x"}, "remoteUser": "dev"}])", warnings);
  ASSERT_TRUE(merged);
  EXPECT_FALSE(merged->build);
  auto built = *world(R"({"build": {"dockerfile": "Dockerfile"}})").resolve();
  merged = merge_image_metadata(built.plan, R"([{"remoteUser": "dev"}])", warnings);
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->build, built.plan.build);
}

}  // namespace
}  // namespace photon::spec

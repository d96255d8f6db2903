#include "devenv/environment/secrets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "devenv/core/fd.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::environment {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Asking {
  Asking() {
    paths.runtime = folder.path;
    record.id = "0123";
    record.name = "web";
    record.label = "acme/web";
    record.source = "https://git.example.org/acme/web";
    plan.secrets = {{"TOKEN", "of the\tregistry\n", "https://example.org/t"}, {"KEY", "", ""}};
    request.secrets = "told";
  }
  Result<Secrets> settle() {
    record.warnings.clear();
    return settle_secrets(paths, record, plan, request);
  }
  void give(const std::string& name, const std::string& value) {
    request.hooks.secrets[name] = Secret(value);
  }
  fixtures::TempFolder folder;
  Paths paths;
  Record record;
  spec::Plan plan;
  UpRequest request;
};

std::vector<std::string> variables(const Secrets& secrets) {
  std::vector<std::string> env{"KEY=before", "A=a"};
  put_secrets(env, secrets);
  return env;
}

TEST(Secrets, WhatIsMissingIsOneErrorThatNamesAll) {
  Asking asking;
  asking.request.secrets = "asked";
  auto asked = asking.settle();
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().kind, Kind::needs_confirmation);
  EXPECT_EQ(asked.error().message, "acme/web asks for 2 secrets");
  EXPECT_EQ(asked.error().hint,
            "TOKEN\tof the\\x09registry\\x0a\thttps://example.org/t\nKEY\t\t\n"
            "devenv up --secrets-file FILE https://git.example.org/acme/web gives them");
  asking.give("TOKEN", "t");
  asked = asking.settle();
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().message, "acme/web asks for a secret");
  EXPECT_THAT(asked.error().hint, testing::StartsWith("KEY\t"));
}

TEST(Secrets, WhereNobodyIsAskedOneLineTellsWhatIsMissing) {
  Asking asking;
  asking.give("TOKEN", "hush");
  auto settled = asking.settle();
  ASSERT_TRUE(settled);
  EXPECT_THAT(asking.record.warnings,
              ElementsAre("secrets that were not given: KEY; devenv up --secrets-file FILE web gives them"));
  EXPECT_THAT(variables(*settled), ElementsAre("KEY=before", "A=a", "TOKEN=hush"));
}

TEST(Secrets, AreKeptForTheNextTimeAndGoWithTheEnvironment) {
  Asking asking;
  asking.give("TOKEN", "hush\nhush");
  asking.give("KEY", "");
  ASSERT_TRUE(asking.settle());
  EXPECT_THAT(asking.record.warnings, IsEmpty()) << "what was left out is not missed";
  asking.request = {};
  asking.request.secrets = "asked";
  auto again = asking.settle();
  ASSERT_TRUE(again) << sentence(again.error());
  EXPECT_THAT(variables(*again), ElementsAre("KEY=before", "A=a", "TOKEN=hush\nhush"));
  struct stat file{};
  struct stat folder{};
  ASSERT_EQ(::stat((asking.paths.runtime + "/secrets/0123").c_str(), &file), 0);
  ASSERT_EQ(::stat((asking.paths.runtime + "/secrets").c_str(), &folder), 0);
  EXPECT_EQ(file.st_mode & 0777U, 0600U);
  EXPECT_EQ(folder.st_mode & 0777U, 0700U);
  forget_secrets(asking.paths, "0123");
  EXPECT_FALSE(asking.settle()) << "after a reboot they are asked for again";
}

TEST(Secrets, WhoeverBeginsAnewIsAskedForWhatWasLeftOut) {
  Asking asking;
  asking.give("TOKEN", "hush");
  asking.give("KEY", "");
  ASSERT_TRUE(asking.settle());
  asking.request = {};
  asking.request.secrets = "asked";
  asking.request.recreate = true;
  auto asked = asking.settle();
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().message, "acme/web asks for a secret");
}

TEST(Secrets, WhoeverDoesNotSpeakOfThemKeepsNone) {
  Asking asking;
  asking.request.secrets = "";
  asking.give("TOKEN", "hush");
  auto settled = asking.settle();
  ASSERT_TRUE(settled);
  EXPECT_EQ(settled->at("TOKEN").reveal(), "hush");
  EXPECT_THAT(asking.record.warnings, IsEmpty());
  EXPECT_THAT(*kept_secrets(asking.paths, "0123"), IsEmpty());
}

TEST(Secrets, MoreThanAProcessCanBeHandedIsRefused) {
  Asking asking;
  asking.give("TOKEN", std::string(40 << 10, 'x'));
  auto settled = asking.settle();
  ASSERT_FALSE(settled);
  EXPECT_EQ(settled.error().code, "environment.secrets-size");
  EXPECT_THAT(settled.error().message, Not(HasSubstr("xxx")));
  EXPECT_THAT(*kept_secrets(asking.paths, "0123"), IsEmpty());
}

TEST(Secrets, HalfAFileIsNone) {
  Asking asking;
  asking.give("TOKEN", "hush");
  asking.give("KEY", "k");
  ASSERT_TRUE(asking.settle());
  ASSERT_TRUE(write_file(asking.paths.runtime + "/secrets/0123", R"({"TOKEN": "hu)"));
  auto kept = kept_secrets(asking.paths, "0123");
  ASSERT_TRUE(kept);
  EXPECT_THAT(*kept, IsEmpty());
}

}  // namespace
}  // namespace photon::environment

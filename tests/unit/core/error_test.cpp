#include <gtest/gtest.h>

#include "devenv/core/digest.hpp"
#include "devenv/core/error.hpp"
#include "devenv/core/json.hpp"
#include "devenv/core/state.hpp"

namespace photon {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail(Kind::usage, "test.odd", "the number is odd", "give an even one");
  return number / 2;
}

Result<int> quarter(int number) {
  PHOTON_TRY(int once, half(number));
  PHOTON_TRY(int twice, half(once));
  return twice;
}

TEST(Error, TryHandsTheFirstFaultUp) {
  EXPECT_EQ(quarter(8).value(), 2);
  auto fault = quarter(6);
  ASSERT_FALSE(fault);
  EXPECT_EQ(fault.error().code, "test.odd");
}

TEST(Error, SurvivesJson) {
  Error error{Kind::denied, "git.auth", "no login", Place{"a.json", 3, 7}, "ssh-add", {"while cloning"}};
  EXPECT_EQ(error_from_json(to_json(error)), error);
}

TEST(Error, StatusesAreThoseOfTheManual) {
  EXPECT_EQ(exit_status(Kind::failed), 1);
  EXPECT_EQ(exit_status(Kind::needs_confirmation), 4);
  EXPECT_EQ(exit_status(Kind::internal), 70);
  EXPECT_EQ(exit_status(Kind::cancelled), 130);
}

TEST(Error, DiskFullHasItsOwnKind) {
  auto fault = fail_errno("write x", ENOSPC);
  EXPECT_EQ(fault.value().kind, Kind::no_space);
}

TEST(Json, RefusesWhatIsTooDeepOrTooLarge) {
  EXPECT_FALSE(parse_json(std::string(100, '[') + std::string(100, ']'), "the body"));
  EXPECT_FALSE(parse_json("[1]", "the body", 2));
  EXPECT_EQ(text_or(*parse_json(R"({"a":"b"})", "the body"), "a"), "b");
}

TEST(Digest, KnownSums) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_TRUE(is_sha256_digest(sha256_digest("")));
  EXPECT_FALSE(is_sha256_digest("sha256:xyz"));
  EXPECT_EQ(base64_decode(base64_encode("hello")).value(), "hello");
  EXPECT_FALSE(base64_decode("a"));
}

TEST(State, WordsRoundTrip) {
  for (auto state : {State::creating, State::running, State::stopping, State::stopped, State::failed,
                     State::deleting, State::unreachable})
    EXPECT_EQ(state_from(to_string(state)), state);
  EXPECT_FALSE(allowed(Action::exec, State::stopped));
  EXPECT_TRUE(allowed(Action::exec, State::failed));
}

}  // namespace
}  // namespace photon

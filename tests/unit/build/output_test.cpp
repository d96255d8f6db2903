// What buildah prints, as it prints it.
#include "devenv/build/output.hpp"

#include <gtest/gtest.h>

namespace photon::build {
namespace {

spec::Dockerfile file() {
  return spec::read_dockerfile(
             "ARG A=1\nFROM one AS first\n# a comment\nRUN a \\\n  b\nFROM two\nCOPY x /x\nRUN c\n", "f")
      .value();
}

TEST(BuildOutput, AStepHasItsLine) {
  auto parsed = file();
  Output output(parsed);
  EXPECT_EQ(output.line(), 0U);
  EXPECT_TRUE(output.take("[1/2] STEP 1/2: FROM one AS first"));
  EXPECT_EQ(output.line(), 2U);
  EXPECT_TRUE(output.take("[1/2] STEP 2/2: RUN a   b"));
  EXPECT_EQ(output.line(), 4U);
  EXPECT_TRUE(output.take("said by a"));
  EXPECT_EQ(output.tail(), "said by a\n");
  EXPECT_FALSE(output.take("--> 6cf6edf0a1b"));
  EXPECT_TRUE(output.take("[2/2] STEP 3/3: RUN c"));
  EXPECT_EQ(output.line(), 8U);
  EXPECT_EQ(output.step(), "[2/2] STEP 3/3: RUN c");
  EXPECT_EQ(output.tail(), "");
}

TEST(BuildOutput, WhatDoesNotFitHasNoLine) {
  auto parsed = file();
  Output output(parsed);
  for (const char* line : {"STEP 9/9: RUN c", "[7/7] STEP 1/1: RUN c", "STEP x", "[",
                           "[9999999999/1] STEP 1/1: FROM", "[1/2] STEP 2/2: COPY a b", "STEP 0/0: FROM"}) {
    output.take(line);
    EXPECT_EQ(output.line(), 0U) << line;
  }
}

TEST(BuildOutput, OnlyTheLastLinesAreKept) {
  auto parsed = file();
  Output output(parsed);
  for (int i = 0; i < 10'000; ++i) output.take("line " + std::to_string(i));
  EXPECT_LE(output.tail().size(), 4010U);
  EXPECT_TRUE(output.tail().ends_with("line 9999\n"));
}

}  // namespace
}  // namespace photon::build

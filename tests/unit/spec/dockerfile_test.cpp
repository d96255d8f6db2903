// Instructions with their lines, stages, and what is fetched.
#include "devenv/spec/dockerfile.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace photon::spec {
namespace {

using testing::ElementsAre;

Dockerfile read(std::string_view text) {
  auto file = read_dockerfile(text, "Dockerfile");
  EXPECT_TRUE(file) << sentence(file.error());
  return file.value_or(Dockerfile{});
}

TEST(Dockerfile, InstructionsHaveTheirLines) {
  auto file = read(
      "# syntax=docker/dockerfile:1\n\nfrom debian:12 as Build\nRUN a && \\\n  # why\n\n  b \\\n  c\n  copy "
      "x y\n");
  EXPECT_THAT(file.instructions,
              ElementsAre(Instruction{"FROM", "debian:12 as Build", 3}, Instruction{"RUN", "a &&   b   c", 4},
                          Instruction{"COPY", "x y", 9}));
  EXPECT_THAT(file.stages, ElementsAre(BuildStage{"debian:12", "build", 0, 3}));
}

TEST(Dockerfile, AnotherEscapeAndOtherLineEnds) {
  auto file = read("# escape=`\r\nFROM a\r\nRUN x `\r\n  y\r\nRUN C:\\\r\n");
  EXPECT_THAT(file.instructions, ElementsAre(Instruction{"FROM", "a", 2}, Instruction{"RUN", "x   y", 3},
                                             Instruction{"RUN", "C:\\", 5}));
}

TEST(Dockerfile, WhatAHereDocumentHoldsIsNoInstruction) {
  auto file =
      read("FROM a\nRUN <<EOF\nFROM b\nEOF\nCOPY <<-\"one\" <<two /x/\nFROM c\n\tone\nFROM d\ntwo\nRUN e\n");
  EXPECT_EQ(file.stages.size(), 1U);
  EXPECT_EQ(file.instructions.size(), 4U);
  EXPECT_EQ(file.instructions.back(), (Instruction{"RUN", "e", 10}));
}

TEST(Dockerfile, StagesByNameAndNumber) {
  auto file = read("FROM --platform=$BUILDPLATFORM a AS One\nFROM b\nRUN x\nFROM one AS last\n");
  EXPECT_THAT(file.stages, ElementsAre(BuildStage{"a", "one", 0, 1}, BuildStage{"b", "", 1, 2},
                                       BuildStage{"one", "last", 3, 1}));
  EXPECT_EQ(find_stage(file, "ONE"), &file.stages[0]);
  EXPECT_EQ(find_stage(file, "1"), &file.stages[1]);
  EXPECT_EQ(find_stage(file, "3"), nullptr);
  EXPECT_EQ(find_stage(file, "on"), nullptr);
  EXPECT_EQ(find_stage(file, "99999999999999999999"), nullptr);
}

TEST(Dockerfile, TheImageBelowAStage) {
  auto file = read(R"(ARG TAG=1
FROM a:$TAG AS One
ARG TAG=2
FROM one
FROM other:$TAG AS tools
FROM 1
FROM one AS last
FROM scratch AS bare
FROM $NOTHING AS unknown
FROM one
)");
  auto of = [&](std::string_view target) { return base_of(file, target, {}); };
  EXPECT_EQ(of("one"), (BuildBase{"a:1", 2}));
  EXPECT_EQ(of("1"), (BuildBase{"a:1", 2}));
  EXPECT_EQ(of("last"), (BuildBase{"a:1", 2}));
  EXPECT_EQ(of(""), (BuildBase{"a:1", 2}));
  EXPECT_EQ(of("tools"), (BuildBase{"other:1", 5}));
  EXPECT_EQ(of("3"), (BuildBase{"1", 6})) << "FROM knows stages by name alone";
  for (const char* none : {"bare", "unknown", "nowhere"}) EXPECT_EQ(of(none), std::nullopt) << none;
  EXPECT_EQ(base_of(file, "tools", {{"TAG", "9"}}), (BuildBase{"other:9", 5}));
  EXPECT_EQ(base_of(read("FROM self AS self\n"), "", {}), (BuildBase{"self", 1}));
}

TEST(Dockerfile, ImagesThatAreFetched) {
  auto file = read(R"(ARG REGISTRY=registry.test
ARG TAG
ARG VARIANT=$TAG-slim
FROM ${REGISTRY}/a:$VARIANT AS one
ARG REGISTRY=other.test
FROM scratch
COPY --chown=1 --from=tools.test/b:1 /x /x
COPY --from=one /y /y
COPY --from=0 /z /z
RUN --mount=type=bind,from=mounted.test/c,target=/c true --from=no
FROM one
FROM unknown:${NOTHING}
FROM "${TAG:-9}/d${TAG:+-x}"
)");
  EXPECT_THAT(images_of(file, {{"TAG", "12"}}),
              ElementsAre("registry.test/a:12-slim", "tools.test/b:1", "mounted.test/c", "12/d-x"));
  EXPECT_THAT(images_of(file, {{"TAG", "12"}, {"REGISTRY", "r"}, {"VARIANT", "v"}}),
              ElementsAre("r/a:v", "tools.test/b:1", "mounted.test/c", "12/d-x"));
}

TEST(Dockerfile, VariablesOfFromWithoutAValue) {
  auto file = read(R"(ARG TAG
ARG EMPTY=
ARG SET=1
FROM $TAG AS $name
ARG LATE=1
FROM a:${TAG}-$SET
FROM "b${EMPTY}"
FROM c:$LATE
FROM ${TAG:-d} AS fine
FROM e:$SET$TARGETARCH
FROM f-$TARGETARCH-$TAG
FROM ${TAG:?needed}
FROM ${TAG
FROM $
FROM g
)");
  EXPECT_THAT(unresolved_in(file, {}), ElementsAre(Unresolved{"$TAG", "", "TAG", true, 4},
                                                   Unresolved{"a:${TAG}-$SET", "a:-1", "TAG", true, 6},
                                                   Unresolved{"b${EMPTY}", "b", "EMPTY", true, 7},
                                                   Unresolved{"c:$LATE", "c:", "LATE", false, 8}));
  EXPECT_THAT(unresolved_in(file, {{"TAG", "x"}, {"EMPTY", "y"}, {"LATE", "not declared in time"}}),
              ElementsAre(Unresolved{"c:$LATE", "c:", "LATE", false, 8}));
}

TEST(Dockerfile, NothingStandsForAnArgumentThatMayBeEmpty) {
  auto file = read("ARG MORE=\nARG NONE\nFROM a:1$MORE\nFROM b$NONE\nFROM c-$TARGETARCH\nFROM d:$NONE\n");
  EXPECT_THAT(images_of(file, {}), ElementsAre("a:1", "b"));
  EXPECT_EQ(base_of(file, "0", {}), (BuildBase{"a:1", 3}));
  EXPECT_EQ(base_of(file, "2", {}), std::nullopt) << "the builder's own";
  EXPECT_EQ(base_of(file, "3", {}), std::nullopt);
}

TEST(Dockerfile, OneWithoutFromIsRefused) {
  for (const char* text : {"", "\n# FROM a\n", "RUN x\n"}) {
    auto file = read_dockerfile(text, "Dockerfile");
    ASSERT_FALSE(file) << text;
    EXPECT_EQ(file.error().where, (Place{"Dockerfile", 1, 1}));
  }
  EXPECT_FALSE(read_dockerfile(std::string(2 << 20, '#'), "Dockerfile"));
}

}  // namespace
}  // namespace photon::spec

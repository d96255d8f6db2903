// The image that a Dockerfile starts from.
#include "devenv/spec/reference/dockerfile.hpp"

#include "tests/unit/reference/build.hpp"

namespace photon::spec::reference {
namespace {

std::string base_of(std::string_view text, std::string_view arguments = "{}", Value target = {}) {
  auto base = base_image(read_dockerfile(text), json(arguments), target, {{"TARGETARCH", "amd64"}});
  return base ? base->value_or("none") : "error";
}

TEST(Dockerfile, StartsFromTheImageOfItsLastStage) {
  EXPECT_EQ(base_of("FROM debian:12\nRUN true\n"), "debian:12");
  EXPECT_EQ(base_of("FROM a AS one\nFROM b\n"), "b");
  EXPECT_EQ(base_of("FROM a AS one\nFROM one AS two\nFROM two\n"), "a");
  EXPECT_EQ(base_of("# syntax=docker/dockerfile:1\r\nfrom --platform=linux/amd64 \"a:1\" as x\r\n"), "a:1");
  EXPECT_EQ(base_of("RUN true\n"), "none");
  EXPECT_EQ(base_of("FROM a AS b\nFROM b AS a\nFROM a\n"), "none");
}

TEST(Dockerfile, TheTargetIsAStage) {
  EXPECT_EQ(base_of("FROM a AS one\nFROM b\n", "{}", "one"), "a");
  EXPECT_EQ(base_of("FROM a AS one\nFROM b\n", "{}", "two"), "none");
}

TEST(Dockerfile, ArgumentsAreFilledIn) {
  EXPECT_EQ(base_of("ARG V=12\nFROM debian:$V\n"), "debian:12");
  EXPECT_EQ(base_of("ARG V=12\nFROM debian:${V}-slim\n", R"({"V":"13"})"), "debian:13-slim");
  EXPECT_EQ(base_of("ARG V\nFROM debian:${V:-11}\n"), "debian:11");
  EXPECT_EQ(base_of("ARG V=9\nFROM debian:${V:+10}\n"), "debian:10");
  EXPECT_EQ(base_of("ARG A=x\nARG B=${A}y\nFROM $B\n"), "xy");
  EXPECT_EQ(base_of("ARG V=\"12 \nFROM a${TARGETARCH}\n"), "aamd64");
  EXPECT_EQ(base_of("ARG A=$A\nFROM x$A\n"), "x");
}

TEST(Dockerfile, InstructionsAreReadAsTheReferenceReadsThem) {
  auto file = read_dockerfile("ARG A=\"1\"\nARG B 2\nARG C\n  user ada # c\nFROM x\nENV P=q R=s\n");
  const std::vector<Instruction> preamble{
      {"ARG", "A", "1"}, {"ARG", "B", "2"}, {"ARG", "C", {}}, {"USER", "ada", "#"}};
  EXPECT_EQ(file.preamble, preamble);
  ASSERT_EQ(file.stages.size(), 1u);
  EXPECT_EQ(file.stages[0].instructions, (std::vector<Instruction>{{"ENV", "P", "q"}}));
}

}  // namespace
}  // namespace photon::spec::reference

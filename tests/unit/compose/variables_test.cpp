// ${NAME:-default} and its siblings; .env files and those of env_file.
#include "devenv/compose/dotenv.hpp"
#include "tests/unit/compose/world.hpp"

namespace photon::compose {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

const Lookup known = [](const std::string& name) -> std::optional<std::string> {
  if (name == "A") return "alpha";
  if (name == "EMPTY") return "";
  if (name == "MONEY") return "$A";
  return std::nullopt;
};

std::string made(const std::string& text) {
  std::set<std::string> unset;
  auto done = interpolate(text, known, {"c.yml", 3, 5}, unset);
  auto names = unset.empty() ? std::string() : fmt::format(" (unset: {})", fmt::join(unset, " "));
  return done ? *done + names : sentence(done.error());
}

TEST(Variables, EachForm) {
  EXPECT_EQ(made("x $A y"), "x alpha y");
  EXPECT_EQ(made("${A}/$$A/$${A}"), "alpha/$A/${A}");
  EXPECT_EQ(made("$NONE."), ". (unset: NONE)");
  EXPECT_EQ(made("${EMPTY:-d}${EMPTY-d}${NONE-e}"), "de");
  EXPECT_EQ(made("${A:+yes}${EMPTY:+no}${EMPTY+set}${NONE+no}"), "yesset");
  EXPECT_EQ(made("${NONE:-${OTHER:-$A}}"), "alpha");
  EXPECT_EQ(made("${NONE:-}"), "");
  EXPECT_EQ(made("${NONE:-a:b-c?d}"), "a:b-c?d");
  EXPECT_EQ(made("$MONEY"), "$A") << "a value is not read again";
  EXPECT_EQ(made("${A:?gone}"), "alpha");
  EXPECT_EQ(made("${A:-$OTHER}"), "alpha") << "what does not count is not missed";
}

TEST(Variables, FaultsHaveTheirPlace) {
  EXPECT_EQ(made("${NONE:?set it}"), "c.yml:3:5: the variable NONE is not set: set it");
  EXPECT_EQ(made("${EMPTY:?}"), "c.yml:3:5: the variable EMPTY is empty");
  EXPECT_EQ(made("${EMPTY?}"), "");
  EXPECT_THAT(made("${A"), HasSubstr("${A is not closed"));
  EXPECT_THAT(made("${A:-x"), HasSubstr("is not closed"));
  EXPECT_THAT(made("cost: $5"), HasSubstr("a variable's name is missing"));
  EXPECT_THAT(made("${A!}"), HasSubstr("what is no sign"));
  std::string deep;
  for (int i = 0; i < 30; ++i) deep += "${N:-";
  EXPECT_THAT(made(deep), HasSubstr("deeper than 16 levels"));
}

TEST(Variables, FilesOfThem) {
  auto read = read_variables(
      "# a remark\nA=1\nexport B = two words # remark\n\nC='$A # \"x\"'\nD=\"a\\n$A\\$A\"\n"
      "E=${A}${NONE:-x}\nF=\nG=\"over\ntwo lines\"\nA2=$A\nH\n",
      ".env", [](const std::string& name) -> std::optional<std::string> {
        if (name == "H") return "of the caller";
        return std::nullopt;
      });
  ASSERT_TRUE(read) << sentence(read.error());
  EXPECT_THAT(*read, ElementsAre(Pair("A", "1"), Pair("B", "two words"), Pair("C", "$A # \"x\""),
                                 Pair("D", "a\n1$A"), Pair("E", "1x"), Pair("F", ""),
                                 Pair("G", "over\ntwo lines"), Pair("A2", "1"), Pair("H", "of the caller")));
  EXPECT_EQ(sentence(read_variables("A=1\n2B=3\n", ".env", known).error()),
            ".env:2:1: \"2B\" is no name of a variable");
  EXPECT_EQ(sentence(read_variables("\nA='x\n", ".env", known).error()), ".env:2:1: a text is not closed");
  EXPECT_THAT(*read_raw_variables("A='$B' # c\n# x\nC=1\n", "raw.env"),
              ElementsAre(Pair("A", "'$B' # c"), Pair("C", "1")));
  EXPECT_THAT(sentence(read_raw_variables("x y\n", "raw.env").error()), HasSubstr("raw.env:1:1: "));
}

TEST(Variables, ComeFromTheCallerThenFromDotEnv) {
  World world(
      "services:\n  app:\n    image: ${IMAGE}:${TAG:-1}\n    environment:\n      - USER\n      - NONE\n"
      "      - NAME=${COMPOSE_PROJECT_NAME}\n");
  world.files["/home/ada/web/.env"] = "IMAGE=of-file\nTAG=of-file\nUSER=nobody\n";
  world.environment["TAG"] = "of-caller";
  auto project = project_of(world);
  EXPECT_EQ(project.services[0].image, "of-file:of-caller");
  EXPECT_THAT(project.services[0].environment, ElementsAre(Pair("USER", "ada"), Pair("NAME", "web")));
  World unset("services: {app: {image: \"a$NONE\"}}\n");
  auto loaded = unset.load();
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->warnings[0].message, HasSubstr("the variable NONE is not set"));
  EXPECT_THAT(fault("services: {app: {image: \"${NONE:?name an image}\"}}\n"),
              HasSubstr("compose.yml:1:25: the variable NONE is not set: name an image"));
}

TEST(Variables, EnvFilesStandBelowEnvironment) {
  World world(
      "services:\n  app:\n    image: a\n    environment: {A: own}\n    env_file:\n      - one.env\n"
      "      - {path: none.env, required: false}\n      - {path: raw.env, format: raw}\n");
  world.files["/home/ada/web/one.env"] = "A=file\nB=$HOME/x\n";
  world.files["/home/ada/web/raw.env"] = "C=$HOME\n";
  EXPECT_THAT(project_of(world).services[0].environment,
              ElementsAre(Pair("A", "own"), Pair("B", "/home/ada/x"), Pair("C", "$HOME")));
  EXPECT_THAT(app_fault("    env_file: none.env"),
              HasSubstr("compose.yml:4:15: there is no none.env, the env_file"));
  EXPECT_THAT(app_fault("    env_file: ../../x.env"), HasSubstr("lies outside of the repository"));
}

}  // namespace
}  // namespace photon::compose

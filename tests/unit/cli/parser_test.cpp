#include "devenv/cli/parser.hpp"

#include <gtest/gtest.h>

namespace photon::cli {
namespace {

Result<Arguments> given(std::vector<std::string> words) {
  std::size_t used = 0;
  const auto* command = find_command(words, used);
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(used));
  return parse(*command, words);
}

TEST(Parser, TakesOptionsInEveryForm) {
  for (std::vector<std::string> words : {std::vector<std::string>{"up", "--name", "web", "url"},
                                         {"up", "--name=web", "url"},
                                         {"up", "-n", "web", "url"},
                                         {"up", "url", "-nweb"}}) {
    auto parsed = given(words);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->text("--name"), "web");
    EXPECT_EQ(parsed->positionals, std::vector<std::string>{"url"});
    EXPECT_FALSE(parsed->flag("--json"));
  }
}

TEST(Parser, LeavesTheInnerCommandAlone) {
  auto parsed = given({"exec", "-u", "dev", "web", "--", "ls", "-la", "--json"});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->positional(0), "web");
  EXPECT_EQ(parsed->text("--user"), "dev");
  EXPECT_EQ(parsed->rest, (std::vector<std::string>{"ls", "-la", "--json"}));
  EXPECT_FALSE(parsed->flag("--json"));
}

TEST(Parser, TheInnerCommandMayFollowTheNameWithoutDashes) {
  auto parsed = given({"exec", "web", "true", "-x"});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->positional(0), "web");
  EXPECT_EQ(parsed->rest, (std::vector<std::string>{"true", "-x"}));
}

TEST(Parser, OptionsOfOursMayFollowTheName) {
  auto parsed = given({"exec", "web", "--json", "-u", "dev", "--", "id", "-u"});
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->flag("--json"));
  EXPECT_EQ(parsed->text("--user"), "dev");
  EXPECT_EQ(parsed->rest, (std::vector<std::string>{"id", "-u"}));
  parsed = given({"ssh", "web", "-N", "--json"});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->rest, (std::vector<std::string>{"-N", "--json"}));
}

TEST(Parser, WithoutANameAllAfterTheDashesIsTheCommand) {
  auto parsed = given({"exec", "--", "make", "--", "x"});
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->positionals.empty());
  EXPECT_EQ(parsed->rest, (std::vector<std::string>{"make", "--", "x"}));
}

TEST(Parser, RepeatedOptionsAreAllKept) {
  auto parsed = given({"exec", "-e", "A=1", "--env", "B=2", "web", "env"});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->all("--env"), (std::vector<std::string>{"A=1", "B=2"}));
}

TEST(Parser, WrongWordsSayWhatWasMeant) {
  struct {
    std::vector<std::string> words;
    std::string message;
    std::string hint;
  } cases[] = {
      {{"up", "--nmae", "x"}, "unknown option \"--nmae\"", "did you mean --name?"},
      {{"open", "--with", "cod"},
       "--with cannot be \"cod\"",
       "did you mean code? it is one of: code jetbrains zed browser"},
      {{"rm"}, "rm needs NAME", "devenv rm [OPTION…] NAME"},
      {{"ls", "web"}, "\"web\" is one word too many for ls", "devenv ls --help shows how"},
      {{"completion", "powershell"}, "SHELL cannot be \"powershell\"", "it is one of: bash zsh fish"},
  };
  for (const auto& wrong : cases) {
    auto parsed = given(wrong.words);
    ASSERT_FALSE(parsed) << wrong.message;
    EXPECT_EQ(parsed.error().kind, Kind::usage);
    EXPECT_EQ(parsed.error().message, wrong.message);
    EXPECT_EQ(parsed.error().hint, wrong.hint);
  }
  EXPECT_FALSE(given({"up", "--name"}));
}

}  // namespace
}  // namespace photon::cli

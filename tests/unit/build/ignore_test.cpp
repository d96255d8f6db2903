// .dockerignore by Docker's rules.
#include "devenv/build/ignore.hpp"

#include <gtest/gtest.h>

namespace photon::build {
namespace {

/// Whether a path is left out, with the folders above it asked first as a walk does.
bool left_out(const Ignore& ignore, std::string_view path) {
  Ignore::Matched above;
  Ignore::Matched matched;
  bool out = false;
  for (std::size_t end = 0; end != path.npos;) {
    end = path.find('/', end + 1);
    out = ignore.leaves_out(path.substr(0, end), above, matched);
    above = matched;
  }
  return out;
}

bool left_out(std::string_view text, std::string_view path) {
  auto ignore = Ignore::parse(text, ".dockerignore");
  EXPECT_TRUE(ignore) << text << ": " << sentence(ignore.error());
  return ignore && left_out(*ignore, path);
}

struct Case {
  const char* text;
  const char* path;
  bool out;
};

// Of the examples in Docker's documentation and of its own tests.
constexpr Case cases[] = {
    {"", "a", false},
    {"# all of it\n\n   \n", "# all of it", false},
    {"*/temp*", "some/temporary.txt", true},
    {"*/temp*", "temp", false},
    {"*/temp*", "some/deep/temp", false},
    {"*/*/temp*", "some/deep/temporary.txt", true},
    {"temp?", "tempa", true},
    {"temp?", "temp", false},
    {"temp?", "temp/", false},
    {"**", "any/thing", true},
    {"**/*.go", "main.go", true},
    {"**/*.go", "a/b/c.go", true},
    {"**/*.go", "a/b/c.gox", false},
    {"a/**/z", "a/z", true},
    {"a/**/z", "a/b/c/z", true},
    {"a/**/z", "a/bz", false},
    {"a/**", "a/b/c", true},
    {"a/**", "a", false},
    {"**/", "a", true},
    {"abc", "abc/def", true},
    {"abc", "abcd", false},
    {"abc/", "abc/def", true},
    {"/abc", "abc", true},
    {"./abc", "abc", true},
    {"a/../b", "b", true},
    {"../b", "b", false},
    {"  spaced  ", "spaced", true},
    {"\xef\xbb\xbf"
     "first",
     "first", true},
    {"one\r\ntwo\r\n", "one", true},
    {"*.md\n!README.md", "README.md", false},
    {"*.md\n!README.md", "OTHER.md", true},
    {"*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true},
    {"*.md\nREADME-secret.md\n!README*.md", "README-secret.md", false},
    {"*\n!src", "src/main.c", false},
    {"*\n!src", "lib/main.c", true},
    {"*\n!src\nsrc/*.o", "src/main.o", true},
    {"node_modules\n!node_modules/kept", "node_modules/kept/a", false},
    {"node_modules\n!node_modules/kept", "node_modules/other/a", true},
    {"[a-c]x", "bx", true},
    {"[a-c]x", "dx", false},
    {"[^a-c]x", "dx", true},
    {"[^a-c]x", "ax", false},
    {"[\\]a]", "]", true},
    {"\\*", "*", true},
    {"\\*", "a", false},
    {"a.b", "axb", false},
    {"a+(b)|c$", "a+(b)|c$", true},
    {".", "a", false},
    {".git", ".gitignore", false},
    {"**/.git", "sub/.git/config", true},
    {"a*b*c", "aXbYc", true},
    {"a*b*c", "aXb/c", false},
};

TEST(Ignore, TheLastPatternThatMatchesDecides) {
  for (const auto& one : cases)
    EXPECT_EQ(left_out(one.text, one.path), one.out) << '"' << one.text << "\" of " << one.path;
}

TEST(Ignore, WhatIsWrongIsToldWithItsLine) {
  for (const char* text : {"good\n[a-", "good\n[]", "good\n[\\", "good\n!"}) {
    auto ignore = Ignore::parse(text, ".dockerignore");
    ASSERT_FALSE(ignore) << text;
    EXPECT_EQ(ignore.error().where, (Place{".dockerignore", 2, 1}));
    EXPECT_EQ(ignore.error().code, "build.ignore");
  }
}

TEST(Ignore, APatternCannotTakeForever) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "**/*a";
  std::string path(4000, 'a');
  EXPECT_FALSE(left_out(text, path + "b"));
}

TEST(Ignore, ThereAreBounds) {
  EXPECT_FALSE(Ignore::parse(std::string(100'000, '#'), "f"));
  std::string many;
  for (int i = 0; i < 3000; ++i) many += "a\n";
  EXPECT_FALSE(Ignore::parse(many, "f"));
  EXPECT_FALSE(Ignore::parse(std::string(5000, 'a'), "f"));
}

}  // namespace
}  // namespace photon::build

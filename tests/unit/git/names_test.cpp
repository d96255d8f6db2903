#include <gtest/gtest.h>

#include "devenv/git/checkout.hpp"

namespace photon::git {
namespace {

TEST(Names, ThatAFileSystemTakesForGitAreForbidden) {
  for (std::string_view bad :
       {"", ".", "..", ".git", ".GIT", ".Git", ".git ", ".git.", ".git. .", ".git::$INDEX_ALLOCATION",
        "git~1", "GIT~1", ".g\u200cit", "\ufeff.git", ".gi\u206at", ".git\\x"})
    EXPECT_TRUE(is_forbidden_name(bad)) << bad;
  for (std::string_view good :
       {".gitignore", ".gitmodules", ".github", "git", "git~2", "...", "a", ".gitx", "\u200b.gut", "x.git"})
    EXPECT_FALSE(is_forbidden_name(good)) << good;
}

TEST(Attributes, AskForConversionRarely) {
  for (std::string_view yes : {"*.bat eol=crlf", "* text=auto\n*.cmd text eol=crlf\n", "*.c ident",
                               "*.txt crlf=input", "*.txt working-tree-encoding=UTF-16"})
    EXPECT_TRUE(asks_for_conversion(yes)) << yes;
  for (std::string_view no :
       {"", "* text=auto", "*.bin -text", "*.sh eol=lf", "*.psd filter=lfs diff=lfs merge=lfs -text",
        "# *.bat eol=crlf", "*.png binary"})
    EXPECT_FALSE(asks_for_conversion(no)) << no;
}

}  // namespace
}  // namespace photon::git

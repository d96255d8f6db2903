#include "devenv/core/name.hpp"

#include <gtest/gtest.h>

#include <array>

namespace photon {
namespace {

TEST(Name, OnlyHostNames) {
  for (const std::string& good :
       {std::string("a"), std::string("web-2"), std::string("0x"), std::string(40, 'a')})
    EXPECT_TRUE(check_name(good)) << good;
  for (const char* bad : {"", "-a", "A", "a/b", "..", "a\nb", "ä"}) EXPECT_FALSE(check_name(bad)) << bad;
  for (std::size_t size : {41u, 300u}) EXPECT_FALSE(check_name(std::string(size, 'a'))) << size;
  EXPECT_EQ(check_name("a\nb").error().message, "\"a\\x0ab\" cannot be a name");
}

TEST(Name, MadeFromAnything) {
  EXPECT_EQ(name_from("https://git.example.org/acme/Web_App.git"), "web-app");
  EXPECT_EQ(name_from("/home/ada/site/"), "site");
  EXPECT_EQ(name_from("…"), "environment");
  EXPECT_TRUE(check_name(name_from(std::string(300, 'x'))));
}

TEST(Name, Nearest) {
  std::array<std::string_view, 3> words{"postCreateCommand", "postStartCommand", "image"};
  EXPECT_EQ(nearest("postCreatCommand", words), "postCreateCommand");
  EXPECT_EQ(nearest("zzz", words), "");
  constexpr std::string_view names[] = {"web", "api"};
  EXPECT_EQ(nearest("wbe", names), "web") << "two letters swapped are one fault";
}

TEST(Name, IdsDiffer) { EXPECT_NE(random_id(), random_id()); }

}  // namespace
}  // namespace photon

// Properties of before "customizations".
#include "devenv/spec/reference/legacy.hpp"

#include "tests/unit/reference/build.hpp"

namespace photon::spec::reference {
namespace {

std::string moved(std::string_view text) {
  auto value = move_old_properties(json(text));
  return value ? write(*value) : "error: " + value.error().message;
}

TEST(Legacy, MovesBelowCustomizations) {
  EXPECT_EQ(
      moved(R"({"extensions":["a"],"image":"x","settings":{"s":1},"devPort":3})"),
      R"({"image":"x","customizations":{"vscode":{"extensions":["a"],"settings":{"s":1},"devPort":3}}})");
  EXPECT_EQ(
      moved(
          R"({"customizations":{"vscode":{"extensions":["b"],"settings":{"s":2}},"x":1},"extensions":["a"],"settings":{"s":1,"t":1}})"),
      R"({"customizations":{"vscode":{"extensions":["b","a"],"settings":{"s":2,"t":1}},"x":1}})");
}

TEST(Legacy, KeepsAPortThatIsThereAlready) {
  EXPECT_EQ(moved(R"({"devPort":3,"customizations":{"vscode":{"devPort":4}}})"),
            R"({"devPort":3,"customizations":{"vscode":{"devPort":4}}})");
}

TEST(Legacy, LeavesFilesWithoutThemAlone) {
  EXPECT_EQ(moved(R"({"extensions":"","settings":null})"), R"({"extensions":"","settings":null})");
  EXPECT_EQ(moved("[1]"), "[1]");
}

TEST(Legacy, WhatCannotHoldThemLosesThem) {
  EXPECT_EQ(moved(R"({"extensions":["a"],"customizations":"x"})"), R"({"customizations":"x"})");
  EXPECT_EQ(moved(R"({"settings":{"a":1},"customizations":{"vscode":"x"}})"),
            R"({"customizations":{"vscode":"x"}})");
  EXPECT_EQ(moved(R"({"extensions":["a"],"customizations":{"vscode":{"extensions":{}}}})"),
            "error: TypeError: concat is not a function");
}

}  // namespace
}  // namespace photon::spec::reference

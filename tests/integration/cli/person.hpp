// Somebody at a terminal, with a devenv of their own that the tests of a suite share.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixtures/devenv/devenv.hpp"
#include "tests/unit/cli/pseudo_terminal.hpp"

namespace photon::tests {

class Person : public testing::Test {
 protected:
  static void SetUpTestSuite() { home_.emplace(); }
  static void TearDownTestSuite();

  static Home& home() { return *home_; }
  /// `devenv WORDS…` on a terminal of that width, in a folder.
  static test::PseudoTerminal terminal(const std::vector<std::string>& words, unsigned columns = 80,
                                       const std::string& folder = "/",
                                       std::vector<std::string> variables = {});
  /// A folder with that devcontainer.json.
  static std::string project(const std::string& name, std::string_view devcontainer_json);
  /// `devenv WORDS…` with something on standard input.
  static Output with_input(std::vector<std::string> words, std::string_view input);

 private:
  static inline std::optional<Home> home_;
};

/// The lines of a screen.
std::vector<std::string> lines_of(const std::string& text);

}  // namespace photon::tests

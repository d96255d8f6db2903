#include "tests/integration/cli/person.hpp"

namespace photon::tests {
namespace {

const std::string program = PHOTON_BUILD_DIR "/bin/devenv";

std::map<std::string, std::string> variables_of(const Home& home) {
  return {{"DEVENV_HOME", home / "home"},
          {"HOME", home / "user"},
          {"LC_ALL", "C.UTF-8"},
          {"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}};
}

}  // namespace

void Person::TearDownTestSuite() {
  EXPECT_THAT(home().leftovers(), testing::IsEmpty());
  home_.reset();
}

test::PseudoTerminal Person::terminal(const std::vector<std::string>& words, unsigned columns,
                                      const std::string& folder, std::vector<std::string> variables) {
  std::vector<std::string> argv{"/bin/sh", "-c", R"(cd "$1" && shift && exec "$@")", "sh", folder, program};
  argv.insert(argv.end(), words.begin(), words.end());
  std::vector<std::string> environment{"TERM=xterm-256color"};
  for (const auto& [name, value] : variables_of(home())) environment.push_back(name + "=" + value);
  environment.insert(environment.end(), variables.begin(), variables.end());  // the later ones win
  return test::PseudoTerminal(argv, {columns, environment});
}

std::string Person::project(const std::string& name, std::string_view devcontainer_json) {
  return make_project(home() / name, devcontainer_json);
}

Output Person::with_input(std::vector<std::string> words, std::string_view input) {
  words.insert(words.begin(), program);
  auto output = run({.argv = std::move(words), .environment = variables_of(home())}, input);
  return output ? std::move(*output) : Output{-1, "", sentence(output.error())};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::string_view rest = text; !rest.empty();) {
    auto end = std::min(rest.find('\n'), rest.size());
    lines.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return lines;
}

}  // namespace photon::tests

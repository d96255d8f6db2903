// Values from JSON text, and a machine that is made of a few files.
#pragma once
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "devenv/spec/reference/read.hpp"

namespace photon::spec::reference {

inline Value json(std::string_view text) {
  auto value = parse_strict(text);
  EXPECT_TRUE(value) << text << ": " << value.error().message;
  return value ? *value : Value();
}

/// What the reader asks for; files by their path.
struct Machine {
  std::map<std::string, std::string> files{};
  std::map<std::string, std::string> env{};
  std::map<std::string, Value> images{};      ///< as `inspect` shows them
  std::map<std::string, Value> containers{};  ///< by the labels that find them, joined by ';'
  std::optional<std::string> way_to_root{};
  std::vector<std::string> told{};

  World world() {
    World made;
    made.working_folder = "/home/ada";
    made.store_folder = "/tmp/store";
    made.architecture = "amd64";
    made.read = [this](const std::string& path) -> Result<std::optional<std::string>> {
      auto found = files.find(path);
      return found == files.end() ? std::nullopt : std::optional(found->second);
    };
    made.is_file = [this](const std::string& path) { return files.contains(path); };
    made.env = [this](const std::string& name) {
      auto found = env.find(name);
      return found == env.end() ? std::nullopt : std::optional(found->second);
    };
    made.way_to_git_root = [this](const std::string&) { return way_to_root; };
    made.engine.find = [this](const std::vector<std::string>& labels) -> Result<std::optional<Value>> {
      auto found = containers.find(fmt::format("{}", fmt::join(labels, ";")));
      return found == containers.end() ? std::nullopt : std::optional(found->second);
    };
    made.engine.container = [](const std::string& id) -> Result<Value> {
      return fail(Kind::failed, "test", "no container " + id);
    };
    made.engine.image = [this](const std::string& name) -> Result<std::optional<Value>> {
      auto found = images.find(name);
      return found == images.end() ? std::nullopt : std::optional(found->second);
    };
    made.diagnose = [this](const std::string& file, const Diagnostic& found) {
      told.push_back(fmt::format("{}:{}:{}: {}", file, found.line, found.column, found.message));
    };
    made.tell = [this](std::string_view text) { told.emplace_back(text); };
    return made;
  }
};

inline constexpr const char* config_file = "/home/ada/web/.devcontainer/devcontainer.json";

/// What is printed, or "error: " and why not.
inline std::string read(Machine& machine, ReadOptions options) {
  if (!options.workspace_folder) options.workspace_folder = "web";
  auto answer = read_configuration(options, machine.world());
  return answer ? write(*answer) : "error: " + answer.error().message;
}

}  // namespace photon::spec::reference

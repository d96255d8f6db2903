// A repository made of texts, and an environment made of a map.
#pragma once
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "devenv/compose/compose.hpp"

namespace photon::compose {

struct World {
  std::map<std::string, std::string> files;
  std::map<std::string, std::string> environment{{"HOME", "/home/ada"}, {"USER", "ada"}, {"EMPTY", ""}};
  std::vector<std::string> named{"/home/ada/web/compose.yml"};
  bool allow_unknown = false;

  World() = default;
  explicit World(std::string text) { files["/home/ada/web/compose.yml"] = std::move(text); }

  Inputs inputs() {
    Inputs inputs;
    inputs.files = named;
    inputs.local_folder = inputs.repository = "/home/ada/web";
    inputs.allow_unknown = allow_unknown;
    inputs.read = [this](const std::string& path) -> Result<std::optional<std::string>> {
      auto found = files.find(path);
      if (found == files.end()) return std::nullopt;
      return found->second;
    };
    inputs.environment = [this](const std::string& name) -> std::optional<std::string> {
      auto found = environment.find(name);
      if (found == environment.end()) return std::nullopt;
      return found->second;
    };
    return inputs;
  }
  Result<Loaded> load() { return compose::load(inputs()); }
};

/// The project of that text; a fault fails the test.
inline Project project_of(World world) {
  auto loaded = world.load();
  EXPECT_TRUE(loaded) << sentence(loaded.error()) << "\n" << loaded.error().hint;
  return loaded ? std::move(loaded->project) : Project{};
}
inline Project project_of(const std::string& text) { return project_of(World(text)); }

/// The service "app" with these properties (each on a line of its own, indented by four).
inline Service app(const std::string& properties, const std::string& more = {}) {
  auto project = project_of("services:\n  app:\n    image: a\n" + properties + "\n" + more);
  const auto* found = project.find("app");
  return found ? *found : Service{};
}

/// "file:line:column: message; hint"
inline std::string fault(World world) {
  auto loaded = world.load();
  EXPECT_FALSE(loaded) << world.files.begin()->second;
  if (loaded) return "";
  return sentence(loaded.error()) + "; " + loaded.error().hint;
}
inline std::string fault(const std::string& text) { return fault(World(text)); }
inline std::string app_fault(const std::string& properties, const std::string& more = {}) {
  return fault("services:\n  app:\n    image: a\n" + properties + "\n" + more);
}

}  // namespace photon::compose

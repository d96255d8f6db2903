// A folder made of texts, and an environment made of a map.
#pragma once
#include <map>
#include <string>

#include "devenv/spec/spec.hpp"

namespace photon::spec {

struct World {
  std::map<std::string, std::string> files;
  std::map<std::string, std::string> environment{{"HOME", "/home/ada"}, {"USER", "ada"}, {"EMPTY", ""}};
  Inputs inputs{"/home/ada/web", "", "", {}, {}, false};

  World() = default;
  explicit World(std::string text) {
    files["/home/ada/web/.devcontainer/devcontainer.json"] = std::move(text);
  }

  Result<Resolved> resolve() {
    inputs.read = [this](const std::string& path) -> Result<std::optional<std::string>> {
      auto found = files.find(path);
      if (found == files.end()) return std::nullopt;
      return found->second;
    };
    inputs.folders = [this](const std::string& folder) {
      std::vector<std::string> names;
      for (const auto& [path, text] : files) {
        if (!path.starts_with(folder + "/")) continue;
        auto rest = path.substr(folder.size() + 1);
        if (auto slash = rest.find('/'); slash != rest.npos) names.push_back(rest.substr(0, slash));
      }
      return names;
    };
    inputs.local_env = [this](const std::string& name) -> std::optional<std::string> {
      auto found = environment.find(name);
      if (found == environment.end()) return std::nullopt;
      return found->second;
    };
    return spec::resolve(inputs);
  }
};

/// The plan, or one whose name is the error.
inline Plan plan_of(const std::string& text) {
  auto resolved = World(text).resolve();
  if (resolved) return resolved->plan;
  Plan plan;
  plan.name = "error: " + sentence(resolved.error());
  return plan;
}

}  // namespace photon::spec

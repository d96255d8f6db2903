// One devcontainer.json, or one entry of an image's metadata, as a plan of what it says itself.
#pragma once
#include "devenv/spec/scan.hpp"
#include "devenv/spec/spec.hpp"

namespace photon::spec {

/// Where values come from, and where warnings go. `image`: an entry of the metadata label, which is another
/// person's file; what is wrong in it is warned about and left out.
struct Reading {
  std::string file;
  bool allow_unknown = false;
  bool image = false;
  std::function<std::optional<std::string>(const std::string& name)> local_env{};
  std::vector<Warning>* warnings = nullptr;

  void warn(const Node& node, std::string message, std::string hint = {}) const {
    warnings->push_back({node.place(file), std::move(message), std::move(hint)});
  }
  /// "forwardPorts" must be …
  [[nodiscard]] tl::unexpected<Error> wrong(const Node& node, std::string_view property,
                                            std::string_view expected, std::string hint = {}) const;
  [[nodiscard]] Result<std::string> text(const Node& node, std::string_view property) const;
  [[nodiscard]] Result<bool> flag(const Node& node, std::string_view property) const;
  [[nodiscard]] Result<std::vector<std::string>> texts(const Node& node, std::string_view property) const;
  /// One of `words`; another gets the nearest as hint.
  [[nodiscard]] Result<std::string> one_of(const Node& node, std::string_view property,
                                           std::span<const std::string_view> words) const;
};

/// Substituted already. `said` holds the properties found; workspace* are not read here.
Result<Plan> read_properties(const Node& root, const Reading& reading);

// mounts.cpp
/// "type=bind,source=/a,target=/b,readonly" (CSV, as docker run --mount) or an object.
Result<PlanMount> mount_of(const Node& node, std::string_view property, const Reading& reading);
/// -v SOURCE:TARGET[:OPTIONS]
Result<PlanMount> volume_of(const Node& node, std::string_view text, const Reading& reading);
/// A mount beside others: the last one wins for a target.
void add_mount(std::vector<PlanMount>& mounts, PlanMount mount);

// ports.cpp
Result<void> read_forward_ports(const Node& node, const Reading& reading, Plan& plan);
Result<void> read_app_port(const Node& node, const Reading& reading, Plan& plan);
Result<void> read_port_attributes(const Node& node, const Reading& reading, Plan& plan);
Result<void> read_other_ports(const Node& node, const Reading& reading, Plan& plan);
/// "3000", "8080:3000", "127.0.0.1:8080:3000/tcp": what docker run -p takes.
Result<void> publish(const Node& node, std::string_view text, const Reading& reading, Plan& plan);

// requirements.cpp
/// What is wrong in it is a warning: nothing depends on it but other warnings.
Result<void> read_host_requirements(const Node& node, const Reading& reading, Plan& plan);

// secrets.cpp
Result<void> read_secrets(const Node& node, const Reading& reading, Plan& plan);

// hooks.cpp
Result<std::vector<Hooks>> hooks_of(const Node& node, std::string_view property, const Reading& reading);
std::optional<Stage> stage_of(std::string_view property);

// features.cpp
/// {"REGISTRY/PATH:1": {"version": "22"}, "./local": {}}
Result<std::vector<FeatureWish>> features_of(const Node& node, std::string_view property,
                                             const Reading& reading);

// build.cpp
Result<void> read_build(const Node& node, const Reading& reading, Plan& plan);
Result<void> read_docker_file(const Node& node, const Reading& reading, Plan& plan);
Result<void> read_context(const Node& node, const Reading& reading, Plan& plan);
/// All of them together: paths from the folder of `config` on, which must lie in the repository, the
/// Dockerfile and its stage.
Result<void> settle_build(const Node& root, const std::string& config, const std::string& repository,
                          const Inputs& inputs, const Reading& reading, Plan& plan);

// compose.cpp
Result<void> read_compose_file(const Node& node, const Reading& reading, Plan& plan);
Result<void> read_service(const Node& node, const Reading& reading, Plan& plan);
Result<void> read_run_services(const Node& node, const Reading& reading, Plan& plan);
/// All of them together, for the file `config`.
Result<void> settle_compose(const Node& root, const std::string& config, const Reading& reading, Plan& plan);

// run_args.cpp
/// What we understand of docker run's options is applied, the rest is a warning.
Result<void> apply_run_args(const Node& list, const Reading& reading, Plan& plan);

// merge.cpp
/// `next` on top of `base`, by the rule of each property.
Plan overlay(Plan base, Plan next);

template <class T>
void add_new(std::vector<T>& to, const T& item) {
  if (std::find(to.begin(), to.end(), item) == to.end()) to.push_back(item);
}
/// Sets a variable in its place, or appends it.
template <class V>
void set_variable(std::vector<std::pair<std::string, V>>& variables, const std::string& name, V value) {
  for (auto& [known, old] : variables)
    if (known == name) {
      old = std::move(value);
      return;
    }
  variables.emplace_back(name, std::move(value));
}

}  // namespace photon::spec

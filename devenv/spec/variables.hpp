// ${localEnv:NAME:default} and its siblings, in values and never in names.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "devenv/spec/scan.hpp"

namespace photon::spec {

/// What the variables stand for; an empty one is left as it is written, for a later pass.
struct Variables {
  std::function<std::optional<std::string>(const std::string& name)> local_env;
  std::string local_folder;
  std::string container_folder;
  std::string id;
};

/// All texts of a tree. `${localEnv}` without a name is an error with its place.
Result<void> substitute(Node& node, const Variables& variables, const std::string& file);
/// One text; the error has no place.
Result<std::string> substitute(const std::string& text, const Variables& variables);
/// `${containerEnv:NAME:default}` alone.
std::string substitute_container(const std::string& text,
                                 const std::map<std::string, std::string>& environment);

/// ${devcontainerId}: the labels as a JSON object with sorted names, SHA-256, in base 32 with 52 digits.
std::string devcontainer_id(const std::map<std::string, std::string>& labels);
/// The last part of a path.
std::string basename_of(std::string_view path);

}  // namespace photon::spec

// The reference's variables: three passes over the values of a configuration, each with its own names.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <span>

#include "devenv/spec/reference/value.hpp"

namespace photon::spec::reference {

using Lookup = std::function<std::optional<std::string>(const std::string& name)>;
using Texts = std::map<std::string, std::string>;

/// What stands for a variable with its arguments (cut at each colon); nullopt leaves it as it is written.
using Pass = std::function<Result<std::optional<std::string>>(std::string_view variable,
                                                              std::span<const std::string_view> arguments)>;

struct LocalContext {
  Lookup env;
  std::optional<std::string> local_folder;  ///< none: its variables stay
  Value container_folder;                   ///< as the file has it; its own variables are resolved first
  std::string config_name;                  ///< of the file, for the error of `${localEnv}`
};
/// Before there is a container: localEnv, env, localWorkspaceFolder, containerWorkspaceFolder.
Result<Pass> local_pass(LocalContext context);
/// devcontainerId, from the labels that the container is found by.
Pass id_pass(const Texts& labels);
/// containerEnv, once there is a container.
Pass container_pass(Texts environment, std::string config_name);

/// `${…}` of one text; what is put in is not looked at again.
Result<std::string> substitute_text(std::string_view text, const Pass& pass);
/// All texts of a value, and never names.
Result<Value> substitute(const Value& value, const Pass& pass);
/// Several passes, one after the other.
Result<Value> substitute(Value value, std::span<const Pass> passes);

}  // namespace photon::spec::reference

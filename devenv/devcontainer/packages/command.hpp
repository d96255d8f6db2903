// The commands beside read-configuration that need no container: a file each, a row in the table.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "devenv/devcontainer/packages/fetch.hpp"
#include "devenv/devcontainer/words.hpp"
#include "devenv/spec/reference/configuration.hpp"

namespace photon::devcontainer {

/// One call of a command.
struct Call {
  const Words& words;
  Log& log;
  Fetch& fetch;
  const spec::reference::World& world;  ///< with the packages of `fetch`

  /// The option's text, or `otherwise`.
  [[nodiscard]] Result<std::string> text(std::string_view option, std::string_view otherwise = {}) const;
  [[nodiscard]] bool flag(std::string_view option) const { return flag_of(words, option, false); }
  /// --workspace-folder, absolute.
  [[nodiscard]] Result<std::string> workspace() const;
};

/// Gives the exit status. An error is shown, and is exit status 1.
using RunCommand = Result<int> (*)(const Call& call);

struct PackageCommand {
  std::string_view name;  ///< of one or two words
  std::string_view help;
  RunCommand run;
  std::span<const Option> options;
  std::span<const Positional> positionals{};
  LogLevel least = LogLevel::info;  ///< unless --log-level says otherwise
};

std::span<const PackageCommand> package_commands();
/// `words` begin with the name of a command; its exit status.
int run_package_command(const std::vector<std::string>& words);

/// To standard output.
Result<void> print(std::string_view text);

/// The configuration of a command that takes --workspace-folder and --config.
struct CommandConfiguration {
  spec::reference::ConfigPlace place;
  spec::reference::Configuration configuration;
  spec::reference::FeatureInputs inputs;  ///< without a lock
};
Result<CommandConfiguration> read_command_configuration(const Call& call);
/// The lock file beside it. An error: it is no JSON.
Result<spec::reference::Value> lock_beside(const CommandConfiguration& read, const Call& call);

Result<int> features_info(const Call& call);
Result<int> features_resolve_dependencies(const Call& call);
Result<int> features_package(const Call& call);
Result<int> features_publish(const Call& call);
Result<int> features_generate_docs(const Call& call);
Result<int> templates_apply(const Call& call);
Result<int> templates_publish(const Call& call);
Result<int> templates_metadata(const Call& call);
Result<int> templates_generate_docs(const Call& call);
Result<int> outdated(const Call& call);
Result<int> upgrade(const Call& call);

}  // namespace photon::devcontainer

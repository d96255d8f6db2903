// Which environment is meant, and what its configuration says: for up, exec, run-user-commands.
#pragma once
#include "devenv/client/client.hpp"
#include "devenv/devcontainer/container_options.hpp"
#include "devenv/spec/reference/configuration.hpp"

namespace photon::devcontainer {

struct Target {
  std::string folder;                                 ///< real; "" = none was named
  std::optional<spec::reference::ConfigPlace> place;  ///< of the file
  std::optional<spec::reference::Workspace> workspace;
  std::vector<std::string> labels;  ///< those that were given, else those of folder and file
};

/// An error: a folder or file that is named, and is not there. Makes `read.workspace_folder` the real one.
Result<Target> find_target(spec::reference::ReadOptions& read, const spec::reference::World& world);

/// The environment of --container-id, else the one with the labels; an error if there is none.
Result<wire::Environment> find_environment(const Target& target, const spec::reference::ReadOptions& read,
                                           client::Client& daemon);

/// The text that counts instead of the file's own, where options change it or the daemon would refuse what
/// the reference reads; "" = the file as it is. An error: there is nothing that we can make a container of.
Result<std::string> effective_configuration(const ContainerOptions& options, const Target& target,
                                            const spec::reference::World& world);

/// "configuration" and "mergedConfiguration" of an environment that is there.
Result<spec::reference::Value> view_of(const ContainerOptions& options, const Target& target,
                                       const wire::Container& container, spec::reference::World world);

}  // namespace photon::devcontainer

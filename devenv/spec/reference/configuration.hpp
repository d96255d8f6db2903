// The file of a workspace: where it lies, what it says after the first pass, where the sources are mounted.
#pragma once
#include "devenv/spec/reference/features.hpp"
#include "devenv/spec/reference/read.hpp"

namespace photon::spec::reference {

struct Workspace {
  std::string given;  ///< --workspace-folder, absolute: a folder or a .code-workspace file
  std::string root;   ///< its folder
};
std::optional<Workspace> workspace_of(const ReadOptions& options, const World& world);

struct ConfigPlace {
  std::string path;
  std::string scheme;  ///< "file": it was named; "vscode-fileHost": found, or the place where it would be
};
/// nullopt: nothing names or has one.
std::optional<ConfigPlace> locate(const ReadOptions& options, const std::optional<Workspace>& workspace,
                                  const World& world);

struct Configuration {
  Value value = Object();    ///< after the passes
  Value workspace;           ///< {workspaceFolder?, workspaceMount?, additionalMountString?}
  std::vector<Pass> passes;  ///< those that were made, for what comes from elsewhere
};
/// nullopt: there is no such file, or it is empty.
Result<std::optional<Configuration>> read_file(const ConfigPlace& place,
                                               const std::optional<Workspace>& workspace,
                                               const ReadOptions& options, const World& world);
/// One more pass over it and over all that comes; configFilePath stays.
Result<void> add_pass(Configuration& configuration, Pass pass);

/// What features are looked up in; no lock counts. `world` outlives it.
FeatureInputs feature_inputs(const std::optional<ConfigPlace>& place,
                             const std::optional<Workspace>& workspace, const World& world);

/// The mounts of the sources, before anything is substituted. `config` is the file as it stands.
Result<Value> workspace_mounts(const Value& config, const std::optional<Workspace>& workspace,
                               const ReadOptions& options, const World& world);

}  // namespace photon::spec::reference

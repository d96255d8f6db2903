// `devcontainer read-configuration`: what the reference prints, from options and what the machine says.
#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "devenv/spec/reference/packages.hpp"
#include "devenv/spec/reference/substitute.hpp"
#include "devenv/spec/reference/tolerant.hpp"
#include "devenv/spec/reference/value.hpp"

namespace photon::spec::reference {

struct ReadOptions {
  std::optional<std::string> workspace_folder;
  std::optional<std::string> config;
  std::optional<std::string> override_config;
  std::optional<std::string> container_id;
  std::vector<std::string> id_labels;  ///< NAME=VALUE; empty: none were given
  bool mount_git_root = true;
  bool mount_worktree_common_dir = false;
  bool include_features = false;
  bool include_merged = false;
  std::optional<std::string> additional_features;
};

/// Containers and images, as an engine describes them: the objects of its `inspect`.
struct Engine {
  /// The newest one that has all these labels (NAME=VALUE) and is not being removed.
  std::function<Result<std::optional<Value>>(const std::vector<std::string>& labels)> find;
  std::function<Result<Value>(const std::string& id)> container;
  /// nullopt: it is not on this machine, or there is no engine; `tell` has said so.
  std::function<Result<std::optional<Value>>(const std::string& name)> image;
};

/// All that is not in the options. Nothing here opens, runs or connects but through these.
struct World {
  std::string working_folder;
  std::string store_folder;  ///< the name of the reference's temporary folder for features
  std::string architecture;  ///< as Go says it: amd64
  std::function<Result<std::optional<std::string>>(const std::string& path)> read;  ///< nullopt: no such file
  std::function<bool(const std::string& path)> is_file;
  Lookup env;
  /// `git rev-parse --show-cdup` in that folder; nullopt: it is in no repository.
  std::function<std::optional<std::string>(const std::string& folder)> way_to_git_root;
  Engine engine;
  Packages packages;
  std::function<void(const std::string& file, const Diagnostic&)> diagnose;
  std::function<void(std::string_view)> tell;
};

/// {configuration, workspace?, featuresConfiguration?, mergedConfiguration?, ociAuthDiagnostics}
Result<Value> read_configuration(const ReadOptions& options, const World& world);

}  // namespace photon::spec::reference

// devcontainer.json → one resolved plan. Pure: files and environment variables come through the caller.
// Source: the Development Container Specification (containers.dev), reference
// docs/specs/devcontainer-reference.md.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/json.hpp"

namespace photon::spec {

/// A lifecycle command in one of its three forms. Text goes to /bin/sh -c, a list is exec'd as it is, named
/// ones run at the same time.
struct Hook {
  std::string name;               ///< of a member of the object form; else ""
  std::string shell;              ///< string form
  std::vector<std::string> argv;  ///< array form
  bool operator==(const Hook&) const = default;
};
/// One lifecycle property: all its commands run at once (one, but for the object form).
using Hooks = std::vector<Hook>;

enum class Stage { initialize, on_create, update_content, post_create, post_start, post_attach };
/// "initializeCommand", "onCreateCommand", …
std::string_view property_of(Stage stage);

struct PortAttributes {
  std::string label;
  std::string protocol;         ///< "", "http", "https"
  std::string on_auto_forward;  ///< notify (default), openBrowser, openPreview, silent, ignore
  bool require_local_port = false;
  bool operator==(const PortAttributes&) const = default;
};
struct ForwardPort {
  std::string host;  ///< "" or "localhost": the environment itself; else a name beside it
  unsigned port = 0;
  bool operator==(const ForwardPort&) const = default;
};

struct PlanMount {
  std::string type;  ///< bind, volume, tmpfs
  std::string source;
  std::string target;
  bool read_only = false;
  std::map<std::string, std::string> options;  ///< whatever else was said (consistency, …)
  bool operator==(const PlanMount&) const = default;
};

/// A feature that a file, or another feature, asks for.
struct FeatureWish {
  std::string id;         ///< as written: "REGISTRY/PATH:1", "https://…", "./local"
  std::string shorthand;  ///< a text instead of an object: the option "version", where there is one
  std::map<std::string, std::string> options;
  Place where;  ///< of its name in the file; no part of what makes two alike
  bool operator==(const FeatureWish& other) const {
    return id == other.id && shorthand == other.shorthand && options == other.options;
  }
};

/// An image that is built. Paths are absolute.
struct Build {
  std::string dockerfile;
  std::string context;     ///< the folder that COPY and ADD read
  std::string repository;  ///< both lie in it
  std::map<std::string, std::string> args;
  std::string target;                   ///< "" = the last stage
  std::vector<std::string> cache_from;  ///< without effect
  std::vector<std::string> options;     ///< of docker build: "--pull", "--label=a=b"
  std::string digest;                   ///< of the Dockerfile's bytes
  bool operator==(const Build&) const = default;
};

/// A project of compose files, one service of which is the environment.
struct Compose {
  std::vector<std::string> files;  ///< absolute; none: the usual names
  std::string service;
  std::vector<std::string> run_services;  ///< none: all
  Place where;                            ///< of the service's name; no part of what makes two alike
  bool operator==(const Compose& other) const {
    return files == other.files && service == other.service && run_services == other.run_services;
  }
};

/// A variable that whoever works here has to bring along: the file names it and says what it is for.
struct DeclaredSecret {
  std::string name;
  std::string description;
  std::string documentation_url;
  bool operator==(const DeclaredSecret&) const = default;
};

/// What the file wants of the machine; 0 and false: it does not say.
struct HostRequirements {
  unsigned cpus = 0;
  std::uint64_t memory = 0;   ///< bytes
  std::uint64_t storage = 0;  ///< bytes
  bool gpu = false;           ///< "optional" is no requirement
  bool operator==(const HostRequirements&) const = default;
};

/// What we do, resolved as far as it can be before the container exists. `${containerEnv:…}` stays in
/// remote_env, hooks and workspace_folder until `resolve_in_container`.
struct Plan {
  std::string name;   ///< "name" of the file
  std::string image;  ///< "" = our base image, or what is built
  std::optional<Build> build;
  std::optional<Compose> compose;  ///< then image, build and most of the container are the service's
  std::vector<FeatureWish> features;
  std::vector<std::string> feature_order;    ///< overrideFeatureInstallOrder
  std::optional<PlanMount> workspace_mount;  ///< none: workspaceMount was "" (nothing is mounted)
  std::string workspace_folder;
  std::vector<PlanMount> mounts;
  std::vector<std::pair<std::string, std::string>> container_env;
  std::vector<std::pair<std::string, std::optional<std::string>>> remote_env;  ///< nullopt unsets
  std::string container_user;                                                  ///< "" = the image's
  std::string remote_user;                                                     ///< "" = container_user
  bool update_remote_user_uid = true;
  std::string user_env_probe = "loginInteractiveShell";  ///< none, interactiveShell, loginShell, …
  bool override_command = true;
  std::map<Stage, std::vector<Hooks>> hooks;  ///< several entries after a merge with image metadata, in order
  Stage wait_for = Stage::update_content;
  std::vector<ForwardPort> forward_ports;
  std::vector<ForwardPort> app_ports;                     ///< appPort: published on loopback as well
  std::map<std::string, PortAttributes> port_attributes;  ///< "3000", "4000-5000", "db:5432"
  PortAttributes other_ports;
  bool init = false;
  bool privileged = false;
  std::vector<std::string> cap_add;
  std::vector<std::string> security_opt;
  std::string hostname;  ///< --hostname of runArgs; "" = ours to choose
  std::string network;   ///< "" = ours; "none" = --network=none of runArgs
  std::vector<std::pair<std::string, std::string>>
      extra_hosts;               ///< --add-host: name, address or host-gateway
  std::vector<std::string> dns;  ///< --dns: name servers instead of the machine's
  HostRequirements requirements;
  std::vector<DeclaredSecret> secrets;   ///< in the order of the file
  std::vector<std::string> entrypoints;  ///< of the image's metadata (features), started before the command
  std::vector<std::string> run_args;     ///< as written; what we understand was applied, the rest is reported
  std::string shutdown_action;           ///< none, stopContainer
  json::value customizations;            ///< null, or tool → list of what each layer says
  std::set<std::string> said;  ///< properties that the file names: a default does not beat the image's
  std::string local_folder;    ///< Inputs::local_folder
  std::string config_file;     ///< "" = there was none
  std::string id;              ///< ${devcontainerId}
  std::string hash;            ///< of all that needs a rebuild when it changes
  bool operator==(const Plan&) const = default;
};

struct Warning {
  Place where;
  std::string message;
  std::string hint;
};

struct Inputs {
  std::string local_folder;  ///< the folder that the workspace is mounted from (host path)
  std::string git_root;      ///< its repository's root if it is a sub-folder; "" = itself
  std::string config_path;   ///< --config; "" = searched for
  std::function<Result<std::optional<std::string>>(const std::string& path)> read;  ///< nullopt: no such file
  std::function<std::optional<std::string>(const std::string& name)> local_env;
  bool allow_unknown = false;  ///< unknown and unsupported properties are warnings instead of errors
  std::function<std::vector<std::string>(const std::string& path)>
      folders{};                      ///< names of a folder's folders
  std::vector<std::string> labels{};  ///< NAME=VALUE that ${devcontainerId} is of; none: folder and file
  bool keep_id = false;               ///< ${devcontainerId} stays as it is written: there is no container yet
};
struct Resolved {
  Plan plan;
  std::vector<Warning> warnings;
};
/// Locates, scans, checks, substitutes. Without any devcontainer.json: a plan for the base image.
Result<Resolved> resolve(const Inputs& inputs);

/// What stands below a file's own values: the image's label, then each feature, in the order of installation.
struct Below {
  std::string from;  ///< for messages: "the feature REGISTRY/PATH:1"
  std::string text;  ///< JSON: a list of entries as in the label, or one entry alone
};
/// All of them put below the file's own values, by each property's merge rule. `${localEnv:…}` in them is
/// taken from `local_env` (without it: empty texts). What is wrong in them is warned about and left out.
Result<Plan> merge_metadata(Plan plan, const std::vector<Below>& below,
                            const std::function<std::optional<std::string>(const std::string&)>& local_env,
                            std::vector<Warning>& warnings);

/// The image's `devcontainer.metadata` label put below the file's own values, by each property's merge rule.
Result<Plan> merge_image_metadata(Plan plan, const std::string& label, std::vector<Warning>& warnings);

/// The same, with `${localEnv:…}` of the label taken from `local_env` (without it: empty texts).
Result<Plan> merge_image_metadata(
    Plan plan, const std::string& label,
    const std::function<std::optional<std::string>(const std::string&)>& local_env,
    std::vector<Warning>& warnings);

/// A plan as JSON and back, for the journal; values that are defaults are left out.
json::value to_json(const Plan& plan);
Result<Plan> plan_from_json(const json::value& value);
/// Digest of all that needs a rebuild when it changes; `resolve` and `merge_image_metadata` set it.
std::string plan_hash(const Plan& plan);

/// The last pass: `${containerEnv:NAME}` from the container's environment.
Plan resolve_in_container(Plan plan, const std::map<std::string, std::string>& container_env);

/// What portsAttributes (by number, "host:port", range or number without host) or otherPortsAttributes say.
const PortAttributes& attributes_of(const Plan& plan, const ForwardPort& port);

/// JSON with comments and trailing commas, places kept for messages.
Result<json::value> parse_jsonc(std::string_view text, const std::string& file);

}  // namespace photon::spec

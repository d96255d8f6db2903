// What the journal keeps of an environment beyond its row: enough to stop, start and delete it without
// reading its repository again.
#pragma once
#include <string>
#include <vector>

#include "devenv/engine/types.hpp"
#include "devenv/environment/environment.hpp"
#include "devenv/environment/inputs.hpp"
#include "devenv/store/store.hpp"

namespace photon::environment {

/// A container beside the environment's own: a service of its compose project.
struct Beside {
  std::string service;
  std::string id;
  std::string image;
  std::string digest;               ///< of the service as it was made
  engine::ContainerSpec container;  ///< as it was last started
  std::int64_t grace = 0;           ///< milliseconds that it may take to end
};

struct Record {
  std::string id;
  std::string name;
  State state = State::creating;
  std::uint32_t owner = 0;
  std::string source;  ///< what was typed, made absolute: the key for "the same repository again"
  std::int64_t created = 0;

  std::string config;               ///< --config
  std::string configuration;        ///< what counts instead of the text of that file; "" = the text
  std::vector<std::string> labels;  ///< NAME=VALUE, of whoever asked for it by labels
  std::string label;                ///< "acme/web"
  bool local = false;               ///< the folder is the user's own and never deleted by us
  std::string folder;               ///< workspace on this machine
  bool cloned = false;
  std::string trusted;               ///< digest of what a clone may do outside of its container (trust.hpp)
  std::string trusted_before_build;  ///< the same, of what its file alone asks for
  std::string branch;
  std::vector<std::string> mirrors;
  bool temporary = false;  ///< a prebuild is made in it: nobody's environment, and gone in the end
  std::string commit;      ///< of the sources, where a prebuild was looked for
  std::string key;         ///< of that prebuild
  std::string prebuild;    ///< id of the one that its container and sources began from
  std::string image;
  engine::ContainerSpec container;  ///< as it was last started
  std::string workspace;            ///< folder inside
  std::string user;                 ///< remote user's name
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::string home;
  std::string shell;
  std::vector<std::string> env;       ///< of processes of the user: probed and remoteEnv
  std::vector<std::string> fixed;     ///< names in remoteEnv, those that it unsets, too
  std::vector<std::string> metadata;  ///< JSON, below the file: the image's label, then each feature
  std::vector<std::string> public_keys;
  std::vector<std::string> hooks_done;
  std::string hash;  ///< Plan::hash of the container
  Inputs inputs;     ///< what that plan was read from
  std::map<std::string, std::string>
      features;                      ///< by name: digests of those that the container was made from
  std::string project;               ///< name of the compose project; "" = none
  std::vector<Beside> beside;        ///< in the order of their start; noted before they are made
  std::vector<std::string> volumes;  ///< named ones that it ever mounted
  std::string failure;
  std::vector<std::string> warnings;
  std::vector<Port> ports;  ///< published ones
};

store::EnvironmentRow to_row(const Record& record);
Record from_row(const store::EnvironmentRow& row);

}  // namespace photon::environment

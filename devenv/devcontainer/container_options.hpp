// The options of the commands that have to do with a container, or make an image for one.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "devenv/devcontainer/log.hpp"
#include "devenv/devcontainer/words.hpp"
#include "devenv/spec/reference/read.hpp"

namespace photon::devcontainer {

enum class ContainerCommand { up, exec, run_user_commands, build, set_up };

struct ContainerOptions {
  spec::reference::ReadOptions read;
  LogSettings log;
  std::vector<std::string> mounts;      ///< --mount, each as it was written
  std::vector<std::string> remote_env;  ///< NAME=VALUE
  bool remove_existing = false;
  bool expect_existing = false;
  bool skip_hooks = false;   ///< --skip-post-create
  bool only_waited = false;  ///< --skip-non-blocking-commands
  bool skip_attach = false;
  bool prebuild = false;
  bool before_start = false;  ///< --stop-for-personalization
  bool include_configuration = false;
  std::string lock;        ///< "", "none", "frozen"
  std::string probe;       ///< --default-user-env-probe
  std::string update_uid;  ///< "", "off", "never"
  std::string dotfiles_repository, dotfiles_install, dotfiles_target;
  std::string secrets_file;
  std::vector<std::string> without_effect;  ///< options that were given and do nothing here
  std::vector<std::string> command;         ///< of exec
  // Of build:
  std::vector<std::string> image_names, labels;
  std::string platform, output;
  bool anew = false;  ///< --no-cache
  bool push = false;
  bool leave_out_customizations = false;  ///< --skip-persisting-customizations-from-features
  bool help = false;
  bool version = false;
};

/// An error says in the reference's words what is wrong.
Result<ContainerOptions> parse_container_options(ContainerCommand command,
                                                 const std::vector<std::string>& words);
/// What --help shows.
std::string help_of(ContainerCommand command);

}  // namespace photon::devcontainer

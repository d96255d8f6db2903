// The user's side of `ssh NAME.devenv`: an include file with one block an environment, a known_hosts file
// with the daemon's key, and one Include line in ~/.ssh/config.
#pragma once
#include "devenv/cli/context.hpp"

namespace photon::cli {

struct SshFiles {
  std::string include;      ///< <config>/ssh_config
  std::string known_hosts;  ///< <config>/known_hosts
  std::string user_config;  ///< ~/.ssh/config
  std::string key;          ///< <config>/id_ed25519
};
Result<SshFiles> ssh_files();

/// The key of the answering daemon as a known_hosts line for all its environments.
Result<std::string> known_hosts_line(client::Client& daemon);
std::string ssh_config_text(const SshFiles& files, const std::vector<wire::Environment>& environments,
                            const std::string& program);

/// `devenv ssh-config --write` has been done, so that `ssh NAME.devenv` works.
bool ssh_files_written();
Result<void> write_ssh_files(Context& context);
/// Removes our files and our Include line.
Result<void> remove_ssh_files();
/// After `up`: one more block, if they have ever been written. Asks the daemon for nothing.
Result<void> add_to_ssh_files(Context& context, const std::string& name);
/// After `rm`: the blocks follow the environments, if they have ever been written.
Result<void> refresh_ssh_files(Context& context);

/// Arguments of ssh that lead to an environment without any file of the user's being changed.
Result<std::vector<std::string>> ssh_command_line(client::Client& daemon, const std::string& name);

}  // namespace photon::cli

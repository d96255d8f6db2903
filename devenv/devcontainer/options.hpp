// The options of read-configuration, parsed as the reference's own parser does.
#pragma once
#include <optional>
#include <vector>

#include "devenv/devcontainer/log.hpp"
#include "devenv/devcontainer/words.hpp"
#include "devenv/spec/reference/read.hpp"

namespace photon::devcontainer {

/// Of every command that asks registries.
struct AuthOptions {
  bool hardening = false;                    ///< --oci-auth-hardening
  std::vector<std::string> trusted_hosts{};  ///< --allow-cross-origin-auth-host: REGISTRY=HOST
};
AuthOptions auth_options(const Words& words);

/// --terminal-columns and --terminal-rows come together.
Result<void> check_terminal(const Words& words);

/// --id-label: NAME=VALUE each; empty: none was given.
Result<std::vector<std::string>> id_labels(const Words& words);

/// What --log-level and --log-format say.
LogSettings log_settings(const Words& words);

struct Invocation {
  spec::reference::ReadOptions read;
  std::optional<std::string> docker_path;
  LogSettings log;
  AuthOptions auth;
  bool help = false;
  bool version = false;
};

/// `--name value`, `--name=value`, names in camelCase, too; a text may come several times. An error says in
/// the reference's words what is wrong.
Result<Invocation> parse_read_configuration(const std::vector<std::string>& words);

/// What --help shows.
std::string help_of_read_configuration();

}  // namespace photon::devcontainer

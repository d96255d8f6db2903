// The options of read-configuration, parsed as the reference's own parser does.
#pragma once
#include <optional>
#include <vector>

#include "devenv/devcontainer/log.hpp"
#include "devenv/spec/reference/read.hpp"

namespace photon::devcontainer {

struct Invocation {
  spec::reference::ReadOptions read;
  std::optional<std::string> docker_path;
  LogSettings log;
  bool help = false;
  bool version = false;
};

/// `--name value`, `--name=value`, names in camelCase, too; a text may come several times. An error says in
/// the reference's words what is wrong.
Result<Invocation> parse_read_configuration(const std::vector<std::string>& words);

/// What --help shows.
std::string help_of_read_configuration();

}  // namespace photon::devcontainer

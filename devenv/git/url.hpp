// Addresses of repositories in their parts, and what a relative address of a submodule means.
#pragma once
#include <string>
#include <string_view>

#include "devenv/core/error.hpp"

namespace photon::git {

struct Url {
  std::string scheme;  ///< https, http, ssh, git, file; "scp" for user@host:path
  std::string user;
  std::string host;           ///< without brackets; "" for file
  std::string port;           ///< digits or ""
  std::string path;           ///< begins with / unless scp
  bool has_password = false;  ///< a password, or a token in the place of the user

  /// Without password.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool is_ssh() const { return scheme == "ssh" || scheme == "scp"; }
  [[nodiscard]] bool is_http() const { return scheme == "http" || scheme == "https"; }
};
Result<Url> parse_url(std::string_view text);

/// "../lib" against the address of the repository that names it. Other addresses stay as they are, but
/// file:// and paths are followed only from a repository that is such itself.
Result<std::string> submodule_url(std::string_view parent, std::string_view url);

}  // namespace photon::git

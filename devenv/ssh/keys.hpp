// Keys: the gateway's host key, and lines of public keys.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/secret.hpp"

namespace photon::ssh {

struct HostKey {
  Secret private_key;       ///< in OpenSSH's format, for the gateway's --host-key descriptor
  std::string public_line;  ///< "ssh-ed25519 AAAA…", for known_hosts
};

/// Of the libssh that is loaded: "0.10.6".
std::string library_version();

/// The key in that file; made (ed25519, mode 0600) where there is none.
Result<HostKey> host_key(const std::string& path);

struct PublicKey {
  std::string type;     ///< "ssh-ed25519"
  std::string base64;   ///< the key itself
  std::string comment;  ///< "ada@laptop"
  [[nodiscard]] std::string text() const { return type + " " + base64; }
};

/// One line of a .pub or authorized_keys file; options before the type are refused, for we do not enforce
/// them.
Result<PublicKey> parse_public_key(std::string_view line);
/// Every key of an authorized_keys file; empty lines, comments and lines that do not parse are passed over.
std::vector<PublicKey> parse_public_keys(std::string_view text);
/// "SHA256:…" as ssh-keygen -l prints it.
Result<std::string> fingerprint(const PublicKey& key);

}  // namespace photon::ssh

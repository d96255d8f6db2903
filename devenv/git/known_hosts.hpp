// OpenSSH's known_hosts files: libgit2 leaves the check of a host's key to its caller.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::git {

enum class HostKey { known, unknown, changed, revoked };

/// `key` is the raw blob as on the wire. Lines of certificate authorities say nothing about plain keys.
HostKey check_host_key(std::string_view known_hosts, std::string_view host, unsigned port,
                       std::string_view key);
/// Over files; missing ones are skipped. The error is what a person has to read.
Result<void> verify_host(const std::vector<std::string>& files, const std::string& host, unsigned port,
                         std::string_view key);
/// "SHA256:…" as ssh-keygen prints it.
std::string fingerprint(std::string_view key);

}  // namespace photon::git

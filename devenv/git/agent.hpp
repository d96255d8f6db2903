// The two questions an SSH agent answers here: which keys, and sign this. libgit2 would look for the agent in
// the environment of the whole process; a daemon serves several users, each with an agent of their own.
#pragma once
#include <string>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::git {

/// Public keys as raw blobs, in the agent's order.
Result<std::vector<std::string>> agent_keys(const std::string& socket);
/// The raw signature without the algorithm's name around it.
Result<std::string> agent_sign(const std::string& socket, std::string_view key, std::string_view data);

}  // namespace photon::git

// Unix sockets at paths that a client names: opened with the rights of the environment's user, never with
// ours, for a path may lead anywhere.
#pragma once
#include "devenv/inside/protocol.hpp"

namespace photon::inside {

/// A listening socket, mode 0600. What a listener that is gone has left is replaced; anything else at that
/// path is a conflict.
Result<Listener> listen_as(const User& user, const std::string& path);
/// Does not wait: a listener whose queue is full is unavailable.
Result<Fd> connect_as(const User& user, const std::string& path);
/// Removes the socket at that path, and nothing that is no socket.
Result<void> remove_as(const User& user, const std::string& path);

}  // namespace photon::inside

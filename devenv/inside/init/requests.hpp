// Sockets opened inside the environment for somebody outside.
#pragma once
#include <sys/socket.h>

#include "devenv/core/json.hpp"
#include "devenv/inside/protocol.hpp"

namespace photon::inside {

struct Target {
  sockaddr_storage address{};
  socklen_t size = 0;
};

std::optional<Target> target_of_address(const std::string& address, std::uint16_t port);
/// Whether a cloud's machine answers there with its own credentials: whoever may connect through us need not
/// be the machine's owner.
bool is_metadata(const Target& target);
tl::unexpected<Error> refuse_metadata(const std::string& host);
/// Where "host" and "port", or "path", of a request point; localhost is both loopback addresses, and a name
/// that must be looked up gives none.
Result<std::vector<Target>> targets_of(const json::value& request);
/// A socket whose connect has begun; it is done when the socket becomes writable.
Result<Fd> begin_connect(const Target& target);
/// The outcome of it. The socket blocks from then on.
Result<void> end_connect(int socket);

Result<Listener> begin_listen(const json::value& request);

ExecRequest exec_of(const json::value& request);
/// Appends what a further message of a long request carries.
void extend(ExecRequest& request, const json::value& more);
json::value to_json(const User& user);

}  // namespace photon::inside

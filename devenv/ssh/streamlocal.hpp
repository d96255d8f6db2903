// Forwarding of Unix sockets (OpenSSH's PROTOCOL, section 2.4): what a libssh with our patch hands to a
// server's callbacks, and no release of it does. Known at run time, so that one program serves both
// libraries.
#pragma once
#include <libssh/libssh.h>

namespace photon::ssh {

/// What the patched library calls them; the plain one's headers do not know them, nor does it ever say them.
inline constexpr int channel_direct_streamlocal = 6;          ///< the path is where TCP has the destination
inline constexpr int request_streamlocal_forward = 5;         ///< the path is where TCP has the address
inline constexpr int request_cancel_streamlocal_forward = 6;  ///< likewise

/// Whether the library that this program runs with carries the patch.
bool forwards_unix_sockets();
/// Opens the channel of a connection that came in at `path`: SSH_OK, SSH_ERROR, or SSH_AGAIN for another
/// call.
int open_forwarded_streamlocal(ssh_channel channel, const char* path);

}  // namespace photon::ssh

// libssh's objects as values that free themselves. Only this folder and the gateway include it.
#pragma once
#include <libssh/libssh.h>
#include <libssh/server.h>

#include "devenv/core/handle.hpp"

namespace photon::ssh {

using Key = Handle<ssh_key_struct, ssh_key_free>;
using Session = Handle<ssh_session_struct, ssh_free>;
using Bind = Handle<ssh_bind_struct, ssh_bind_free>;
using Event = Handle<ssh_event_struct, ssh_event_free>;
using Text = Handle<char, ssh_string_free_char>;

}  // namespace photon::ssh

// Pseudo-terminals of the container's own devpts.
#pragma once
#include "devenv/inside/protocol.hpp"

namespace photon::inside {

struct Terminal {
  Fd master;
  Fd slave;
  std::string name;  ///< "/dev/pts/3"
};

/// A new pty owned by `user`, with the window and the terminal modes asked for.
Result<Terminal> open_terminal(const Tty& tty, const User& user);
/// The encoded modes of RFC 4254 section 8 applied to a terminal; unknown ones are passed over.
void apply_modes(int terminal, std::string_view modes);

}  // namespace photon::inside

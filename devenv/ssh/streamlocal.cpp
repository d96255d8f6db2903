#include "devenv/ssh/streamlocal.hpp"

#include <dlfcn.h>

namespace photon::ssh {
namespace {

using Open = int (*)(ssh_channel, const char*);

Open opener() {
  static const auto found =
      reinterpret_cast<Open>(::dlsym(RTLD_DEFAULT, "ssh_channel_open_reverse_forward_unix"));
  return found;
}

}  // namespace

bool forwards_unix_sockets() { return opener() != nullptr; }

int open_forwarded_streamlocal(ssh_channel channel, const char* path) {
  return opener() != nullptr ? opener()(channel, path) : SSH_ERROR;
}

}  // namespace photon::ssh

// The command line of devenv-gateway; devenvd is the one who writes it.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::gateway {

struct Options {
  int connection = -1;
  int broker = -1;
  int host_key = -1;
  std::chrono::seconds login_time{60};  ///< for key exchange and authentication together
  std::chrono::seconds keepalive{15};   ///< silence after which we ask whether the client is there
  unsigned keepalive_misses = 3;
  unsigned tries = 6;
  unsigned sessions = 10;
  unsigned forwards = 64;
};

Result<Options> read_options(const std::vector<std::string>& words);

}  // namespace photon::gateway

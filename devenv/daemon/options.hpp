// The words on devenvd's command line.
#pragma once
#include <string>

#include "devenv/core/log.hpp"

namespace photon::daemon {

struct Options {
  bool system = false;      ///< the machine's daemon, always so for root
  bool foreground = false;  ///< log to the terminal even where the journal would be asked
  bool help = false;
  bool version = false;
  bool check = false;  ///< only tell what the machine offers (`devenv doctor`)
  std::string hold;    ///< the holder process of that runtime folder instead of a daemon
  log::Level level = log::Level::info;
};

Result<Options> parse_options(int argc, const char* const* argv);
std::string_view usage_text();

}  // namespace photon::daemon

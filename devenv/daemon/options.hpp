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
  bool check = false;               ///< only tell what the machine offers (`devenv doctor`)
  std::string hold;                 ///< the holder process of that runtime folder instead of a daemon
  std::optional<log::Level> level;  ///< else what the configuration says
};

Result<Options> parse_options(int argc, const char* const* argv);
std::string_view usage_text();
/// debug, info, warning or error.
Result<log::Level> level_from(std::string_view word);

}  // namespace photon::daemon

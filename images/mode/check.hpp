// The look at a running kernel: what is weaker than this system sets it.
#pragma once
#include "images/mode/mode.hpp"

namespace photon::mode {

struct Weakness {
  std::string what;    ///< "kernel.kptr_restrict", "mitigations=off"
  std::string is;      ///< "0"
  std::string should;  ///< "2"
  std::string why;     ///< the file that sets it, or what the word on the command line does
  bool operator==(const Weakness&) const = default;
};

/// Words of a kernel's command line that take protection away.
std::vector<Weakness> weak_words(std::string_view command_line);
/// Settings of our own sysctl files that the running kernel does not have, or has weaker.
std::vector<Weakness> weak_settings(const Places& places);
/// Both, and what the mode asks of the kernel beside them.
Result<std::vector<Weakness>> weaknesses(const Places& places);

}  // namespace photon::mode

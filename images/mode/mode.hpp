// The reversible switch: what a workstation allows and an appliance does not, how each is kept and how it is
// read back.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::mode {

enum class Mode { workstation, appliance };
std::string_view to_string(Mode mode);
std::optional<Mode> mode_from(std::string_view word);

/// Where the system's files lie, and the kernel's: "" and "" but in tests.
struct Places {
  std::string root{};
  std::string
      kernel{};  ///< in front of /proc and /sys; empty with a root of another system: nothing runs there
  bool runs = true;
};

/// One thing that the mode decides.
struct State {
  std::string name;    ///< "user namespaces"
  std::string key;     ///< "user.max_user_namespaces": what it is called where it is set
  std::string should;  ///< by the mode that is set
  std::string is;      ///< now; empty: this kernel has no such thing, or nothing runs
  bool reached = true;
  bool at_next_start = false;  ///< what is missing comes with the next start, and not before
};

/// The mode that is set: /etc/photon/mode; without that file it is workstation.
Result<Mode> mode_of(const Places& places);
std::vector<State> states(Mode mode, const Places& places);

/// Sets the mode for now and for each start to come. The file with its name is written first: whatever a
/// power cut ends, the next start completes.
Result<void> set_mode(Mode mode, const Places& places);
/// What the unit does at each start: files that are missing, and the kernel.
Result<void> apply_mode(Mode mode, const Places& places);

}  // namespace photon::mode

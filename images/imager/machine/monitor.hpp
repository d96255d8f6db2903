// QEMU's monitor (QMP, qemu.org/docs/master/interop/qmp-spec.html): one question at a time.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "devenv/core/json.hpp"

namespace photon::images::monitor {

/// What QEMU returns to a command, `arguments` being JSON; nothing while it does not answer within half a
/// second.
std::optional<json::value> ask(const std::string& socket, const std::string& command,
                               const std::string& arguments = "{}");
/// As its button does (ACPI). Whether QEMU heard it.
bool power_down(const std::string& socket);
/// "running", "internal-error", …; empty while it does not answer.
std::string state(const std::string& socket);
/// The port on this machine that leads to the machine's; 0 while it is not known.
std::uint16_t forwarded(const std::string& socket);

}  // namespace photon::images::monitor

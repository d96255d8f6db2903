// The states of an environment and what may be done in each: one table for CLI, daemon and tray.
#pragma once
#include <optional>
#include <string_view>

namespace photon {

enum class State { creating, running, stopping, stopped, failed, deleting, unreachable };
enum class Action { up, start, stop, rebuild, remove, exec, ssh };

std::string_view to_string(State state);
std::optional<State> state_from(std::string_view word);
std::string_view to_string(Action action);
/// Whether the action makes sense in that state; `up`, `stop` and `remove` are idempotent.
bool allowed(Action action, State state);

}  // namespace photon

#include "devenv/core/state.hpp"

#include <array>

namespace photon {
namespace {

struct Row {
  State state;
  std::string_view word;
  // up start stop rebuild remove exec ssh
  std::array<bool, 7> may;
};

// A failed environment is kept for inspection: exec and ssh work as long as its container runs.
constexpr std::array table{
    Row{State::creating, "creating", {true, false, true, false, true, false, false}},
    Row{State::running, "running", {true, true, true, true, true, true, true}},
    Row{State::stopping, "stopping", {true, true, true, true, true, false, false}},
    Row{State::stopped, "stopped", {true, true, true, true, true, false, false}},
    Row{State::failed, "failed", {true, true, true, true, true, true, true}},
    Row{State::deleting, "deleting", {false, false, false, false, true, false, false}},
    Row{State::unreachable, "unreachable", {true, false, false, false, true, false, false}},
};
constexpr std::array<std::string_view, 7> actions{"up", "start", "stop", "rebuild", "remove", "exec", "ssh"};

}  // namespace

std::string_view to_string(State state) { return table[static_cast<std::size_t>(state)].word; }

std::optional<State> state_from(std::string_view word) {
  for (const auto& row : table)
    if (row.word == word) return row.state;
  return std::nullopt;
}

std::string_view to_string(Action action) { return actions[static_cast<std::size_t>(action)]; }

bool allowed(Action action, State state) {
  return table[static_cast<std::size_t>(state)].may[static_cast<std::size_t>(action)];
}

}  // namespace photon

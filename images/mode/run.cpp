#include "images/mode/run.hpp"

#include <unistd.h>

#include <boost/json/array.hpp>
#include <cstdlib>

#include "devenv/command/run.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"
#include "devenv/core/terminal.hpp"
#include "images/mode/check.hpp"

namespace photon::mode {
namespace {

using command::Completes;

constexpr command::Option options[] = {
    {"--check", "", "", "say what the running kernel lacks of what is set; 1 where something is weaker"},
    {"--apply", "", "", "what the unit does at each start: the mode that is set, made true"},
    {"--root", "", "DIR", "the system to set, instead of the one that runs", false, Completes::folders},
    {"--kernel", "", "DIR", "where proc and sys lie, instead of /", false, Completes::folders},
    {"--completion", "", "SHELL", "print the completion for bash, zsh or fish", false, Completes::words,
     "bash zsh fish"},
};
constexpr command::Option common[] = {{"--json", "", "", "the answer as JSON on standard output"},
                                      {"--help", "-h", "", "show this help"}};
constexpr command::Positional positionals[] = {
    {.name = "MODE",
     .help = "workstation or appliance; without it the mode is shown",
     .completes = Completes::words,
     .words = "workstation appliance"}};
constexpr command::Example examples[] = {
    {"photon-mode", "which mode is set, and what of it is true already"},
    {"sudo photon-mode appliance",
     "no user namespaces, no io_uring, no debuggers of others, the kernel locked"},
    {"photon-mode --check", "for scripts: 1 where the running kernel is weaker than it should be"},
};

/// With a root that is another system's, nothing of it runs, unless the caller says where its kernel's files
/// lie.
Places places_of(const command::Arguments& arguments) {
  Places places{.root = arguments.text("--root"), .kernel = arguments.text("--kernel")};
  if (places.root == "/") places.root.clear();
  places.runs = places.root.empty() || !places.kernel.empty();
  return places;
}

std::string screen(Mode mode, const std::vector<State>& states) {
  std::string out = fmt::format("{}\n", to_string(mode));
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : states) {
    auto words = one.is.empty() ? std::string("-") : one.is;
    auto note = one.reached ? "" : one.at_next_start ? "at the next start" : "not as it is set";
    rows.push_back({"  " + one.name, words, one.reached ? "" : one.should, note});
  }
  return out + table({"  ", "is", "will be", ""}, rows, look_at(1), width_of(1));
}

json::object document(Mode mode, const std::vector<State>& states) {
  json::array list;
  bool reached = true;
  for (const auto& one : states) {
    reached = reached && one.reached;
    list.push_back({{"name", one.name},
                    {"key", one.key},
                    {"should", one.should},
                    {"is", one.is},
                    {"reached", one.reached},
                    {"at_next_start", one.at_next_start}});
  }
  return {{"mode", to_string(mode)}, {"reached", reached}, {"settings", std::move(list)}};
}

Result<int> show(const Places& places, bool as_json) {
  PHOTON_TRY(auto mode, mode_of(places));
  auto list = states(mode, places);
  PHOTON_CHECK(write_all(1, as_json ? write_json_pretty(document(mode, list)) : screen(mode, list)));
  return 0;
}

Result<int> check(const Places& places, bool as_json) {
  PHOTON_TRY(auto found, weaknesses(places));
  if (as_json) {
    json::array list;
    for (const auto& one : found)
      list.push_back({{"what", one.what}, {"is", one.is}, {"should", one.should}, {"why", one.why}});
    PHOTON_CHECK(write_all(1, write_json_pretty(json::object{{"weaker", std::move(list)}})));
    return found.empty() ? 0 : 1;
  }
  // In the journal each is a warning of its own.
  std::string_view level = std::getenv("JOURNAL_STREAM") ? "<4>" : "";
  for (const auto& one : found)
    PHOTON_CHECK(write_all(1, fmt::format("{}{}: is {}, should be {} ({})\n", level, harmless(one.what),
                                          harmless(one.is), harmless(one.should), one.why)));
  return found.empty() ? 0 : 1;
}

Result<int> work(const command::Arguments& arguments) {
  auto places = places_of(arguments);
  bool as_json = arguments.flag("--json");
  if (arguments.flag("--check")) return check(places, as_json);
  if (arguments.flag("--apply")) {
    PHOTON_TRY(auto mode, mode_of(places));
    PHOTON_CHECK(apply_mode(mode, places));
    return 0;
  }
  if (arguments.positionals.empty()) return show(places, as_json);
  auto mode = mode_from(arguments.positional(0));
  if (!mode) return fail(Kind::usage, "mode.word", "there are two modes: workstation and appliance");
  if (places.root.empty() && ::geteuid() != 0)
    return fail(Kind::denied, "mode.root", "only root switches the mode",
                fmt::format("sudo photon-mode {}", to_string(*mode)));
  PHOTON_CHECK(set_mode(*mode, places));
  return show(places, as_json);
}

}  // namespace

const command::Program& program() {
  static const command::Program made{
      .name = "photon-mode",
      .common = common,
      .commands = {{"", "switch between a workstation and an appliance, and see what is true of it", options,
                    positionals, examples}},
      .listers = {}};
  return made;
}

int run(std::vector<std::string> words) {
  return command::run_program(
      program(), std::move(words),
      [](std::size_t, const command::Arguments& arguments) { return work(arguments); });
}

}  // namespace photon::mode

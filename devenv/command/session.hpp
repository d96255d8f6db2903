// What a command's `run` gets: its words, and where to write. A program's own context derives from it.
#pragma once
#include "devenv/command/interrupt.hpp"
#include "devenv/command/parser.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"
#include "devenv/core/terminal.hpp"
#include "devenv/core/work.hpp"

namespace photon::command {

class Session {
 public:
  explicit Session(Arguments given) : arguments(std::move(given)) {}

  [[nodiscard]] bool json() const { return arguments.flag("--json"); }
  [[nodiscard]] bool verbose() const { return arguments.flag("--verbose"); }

  /// The answer, on stdout.
  Result<void> print(std::string_view text) const { return write_all(1, text); }
  Result<void> print_json(const json::value& value) const { return write_all(1, write_json_pretty(value)); }
  /// The story, on stderr.
  void tell(std::string_view text) const { (void)write_all(2, text); }

  const Arguments arguments;
};

/// Work that draws its steps on stderr and ends at Ctrl-C.
class Shown {
 public:
  Shown() : steps_(2) {}
  [[nodiscard]] Work work() {
    return {.stop = interrupt_.token(),
            .progress = [this](const Progress& progress) { steps_.report(progress); }};
  }
  void close(bool failed) { steps_.close(failed); }

 private:
  Interrupt interrupt_;  // before the steps, whose thread inherits the blocked signals
  Steps steps_;
};

}  // namespace photon::command

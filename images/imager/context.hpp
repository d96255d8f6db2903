// What a command's `run` gets: its arguments, where definitions and packages lie, and where to write.
#pragma once
#include "devenv/command/interrupt.hpp"
#include "devenv/command/parser.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"
#include "devenv/core/terminal.hpp"
#include "images/imager/build/build.hpp"

namespace photon::images {

class Context {
 public:
  explicit Context(command::Arguments given) : arguments(std::move(given)) {}

  [[nodiscard]] bool json() const { return arguments.flag("--json"); }
  [[nodiscard]] bool verbose() const { return arguments.flag("--verbose"); }

  /// --definitions, else images/definitions of this folder or one above it.
  [[nodiscard]] Result<std::string> definitions() const;
  /// --arch, else this machine's.
  [[nodiscard]] Result<std::string> arch() const;
  /// --output, else build/images/ARCH of the checkout.
  [[nodiscard]] Result<std::string> output() const;
  /// From --repository (else build/packages/ARCH of the checkout), with the key that lies in it.
  [[nodiscard]] Result<BuildOptions> build_options() const;

  Result<void> print(std::string_view text) const { return write_all(1, text); }
  Result<void> print_json(const json::value& value) const { return write_all(1, write_json_pretty(value)); }
  /// The story, on stderr.
  void tell(std::string_view text) const { (void)write_all(2, text); }

  const command::Arguments arguments;
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
  command::Interrupt interrupt_;  // before the steps, whose thread inherits the blocked signals
  Steps steps_;
};

}  // namespace photon::images

// What a command's `run` gets: its arguments, where the recipes lie, the store, and where to write.
#pragma once
#include <memory>

#include "devenv/command/interrupt.hpp"
#include "devenv/command/parser.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"
#include "devenv/core/terminal.hpp"
#include "packages/forge/build/build.hpp"

namespace photon::forge {

class Context {
 public:
  explicit Context(command::Arguments given) : arguments(std::move(given)) {}

  [[nodiscard]] bool json() const { return arguments.flag("--json"); }
  [[nodiscard]] bool verbose() const { return arguments.flag("--verbose"); }

  /// --packages, else the folder `packages` (with specs/ in it) of this folder or one above it.
  [[nodiscard]] Result<std::string> packages() const;
  /// --arch, else this machine's.
  [[nodiscard]] Result<std::string> arch() const;
  /// --jobs, else one a processor that we may use.
  [[nodiscard]] Result<unsigned> jobs() const;
  Result<Store*> store();
  /// For the library's calls: from --packages, --arch, --jobs.
  Result<BuildOptions> build_options();

  /// The answer, on stdout.
  Result<void> print(std::string_view text) const { return write_all(1, text); }
  Result<void> print_json(const json::value& value) const { return write_all(1, write_json_pretty(value)); }
  /// The story, on stderr.
  void tell(std::string_view text) const { (void)write_all(2, text); }

 private:
  std::unique_ptr<Store> store_;

 public:
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

/// What recipes may ask for beside each other: the names of imports; none where the folder has no imports.
Result<std::vector<std::string>> import_names(Context& context, const std::string& packages,
                                              const std::string& arch);

}  // namespace photon::forge

// What a command's `run` gets: its arguments, the daemon when it is first needed, and where to write.
#pragma once
#include "devenv/cli/interrupt.hpp"
#include "devenv/cli/parser.hpp"
#include "devenv/client/client.hpp"
#include "devenv/core/terminal.hpp"

namespace photon::cli {

class Context {
 public:
  Context(const Command& command, Arguments given) : command_(command), arguments(std::move(given)) {}

  [[nodiscard]] const Command& command() const { return command_; }
  [[nodiscard]] bool json() const { return arguments.flag("--json"); }
  [[nodiscard]] bool verbose() const { return arguments.flag("--verbose"); }
  /// Opened once; starts the user's daemon where none answers, unless told otherwise.
  Result<client::Client*> daemon(bool start = true);

  /// The answer, on stdout.
  Result<void> print(std::string_view text) const { return write_all(1, text); }
  Result<void> print_json(const json::value& value) const { return write_all(1, write_json_pretty(value)); }
  template <class T>
  Result<void> print_list(const std::vector<T>& all) const {
    json::array list;
    for (const auto& one : all) list.push_back(wire::to_json(one));
    return print_json(list);
  }
  /// One object a line, for what streams.
  Result<void> print_json_line(const json::value& value) const {
    return write_all(1, write_json(value) + "\n");
  }
  /// The story, on stderr.
  void tell(std::string_view text) const { (void)write_all(2, text); }
  /// With --verbose: what is being called, dimmed, with the time since start.
  void trace(std::string_view what) const;

 private:
  const Command& command_;
  std::optional<client::Client> client_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();

 public:
  const Arguments arguments;
};

/// The name that was typed; else the environment of this folder or one above it; else the only one; else an
/// error that lists them.
Result<std::string> environment_name(Context& context, const std::string& typed);
/// The same as a value, one call to the daemon in all.
Result<wire::Environment> environment(Context& context, const std::string& typed);

/// For an error about an unknown name: the hint becomes the nearest one that there is.
void name_nearest(Context& context, Error& error);

/// Follows an operation on the screen to its end. Ctrl-C cancels it; the error then says what was kept.
/// `source`: what is being made an environment of, where it has no name yet.
Result<wire::Operation> follow(Context& context, const wire::Operation& operation, Interrupt& interrupt,
                               const std::string& source = {});

/// The folders of this user's own settings and keys, whichever daemon answers. Root's are the machine's.
Result<Paths> user_paths();
/// The program of ours that runs, for command lines that call it again.
std::string own_program();
/// `text` as one word of a POSIX shell.
std::string shell_word(std::string_view text);
std::string shell_line(const std::vector<std::string>& words);
/// Replaces this process; returns only on failure.
Result<int> become(const std::vector<std::string>& argv);

}  // namespace photon::cli

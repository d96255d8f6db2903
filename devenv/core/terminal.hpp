// The one place that draws: progress, tables and words for people. Commands say what, never how.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"

namespace photon {

/// How a descriptor may be written to. A terminal that is no "dumb" one is drawn on; all else gets plain
/// lines.
struct Look {
  bool drawing = false;  ///< lines may be written again: cursor movement is understood
  bool colour = false;
};
/// From isatty, TERM and NO_COLOR.
Look look_at(int fd);
/// Columns now (a resize counts at once): the terminal's, else COLUMNS, else 0 for "as long as it takes".
unsigned width_of(int fd);

/// Columns that text takes on a screen: combining marks none, wide characters two, escape sequences none.
std::size_t columns_of(std::string_view text);
/// At most `columns` wide, with … where something was cut.
std::string cut(std::string_view text, std::size_t columns);
std::string padded(std::string_view text, std::size_t columns);
/// Text of others made safe for a screen: control characters dropped, tabs as blanks.
std::string harmless(std::string_view text);

enum class Tone { plain, dim, good, bad, warn, strong };
std::string toned(std::string_view text, Tone tone, const Look& look);

/// "0.8 s", "12 s", "4 min", "2 h", "3 d"
std::string duration_words(double seconds);
/// The same of something that is there since then: "now" below ten seconds.
std::string age_words(std::int64_t seconds);
/// "4.1 MB", decimal as disks are sold and as apt says it
std::string size_words(std::uint64_t bytes);

/// Columns as wide as their widest cell; the last one is cut where the screen ends. No header: pass {}.
std::string table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                  const Look& look, unsigned width);

/// "program: sentence" and the mending line below it; with `verbose` the trace, too.
std::string render(std::string_view program, const Error& error, const Look& look, bool verbose);

/// Running steps: one line each, detail of the running one dimmed below; folded away when done, shown whole
/// when it failed. Reports may come from any thread. Without a drawing terminal: plain lines with the same
/// words.
class Steps {
 public:
  explicit Steps(int fd);
  ~Steps();
  Steps(const Steps&) = delete;
  Steps& operator=(const Steps&) = delete;

  void report(const Progress& progress);
  /// A line above the running steps.
  void say(std::string_view line);
  /// Ends the drawing. Failed: running steps stay as lines, with all that they had said.
  void close(bool failed);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A question with the answer "no" by default. Without a terminal on both sides: no answer (nullopt).
std::optional<bool> ask(std::string_view question);
/// One line without echo, from the terminal itself.
Result<std::string> ask_secret(std::string_view prompt);

}  // namespace photon

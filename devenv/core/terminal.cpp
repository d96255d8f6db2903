#include "devenv/core/terminal.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>

#include "devenv/core/fd.hpp"
#include "devenv/core/undo.hpp"

namespace photon {
namespace {

struct Decoded {
  char32_t point;
  std::size_t bytes;
};

/// One UTF-8 character; a broken byte counts as one character of its own.
Decoded decode(std::string_view text) {
  auto first = static_cast<unsigned char>(text[0]);
  std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 0;
  if (length == 0 || length > text.size()) return {0xFFFD, 1};
  if (length == 1) return {first, 1};
  char32_t point = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80U) return {0xFFFD, 1};
    point = (point << 6U) | (next & 0x3FU);
  }
  return {point, length};
}

bool in(char32_t point, char32_t least, char32_t most) { return point >= least && point <= most; }

// wcwidth() knows nothing without a UTF-8 locale, and setlocale() costs a millisecond at start.
std::size_t columns_of_point(char32_t point) {
  if (in(point, 0x300, 0x36F) || in(point, 0x200B, 0x200F) || in(point, 0xFE00, 0xFE0F) ||
      in(point, 0x20D0, 0x20FF))
    return 0;
  bool wide = in(point, 0x1100, 0x115F) || in(point, 0x2E80, 0xA4CF) || in(point, 0xAC00, 0xD7A3) ||
              in(point, 0xF900, 0xFAFF) || in(point, 0xFE30, 0xFE6F) || in(point, 0xFF00, 0xFF60) ||
              in(point, 0xFFE0, 0xFFE6) || in(point, 0x1F300, 0x1FAFF) || in(point, 0x20000, 0x3FFFD);
  return wide ? 2 : 1;
}

/// Length of the escape sequence ESC [ … letter at the start of `text`, or 0.
std::size_t escape_length(std::string_view text) {
  if (text.size() < 2 || text[0] != '\x1b' || text[1] != '[') return 0;
  std::size_t at = 2;
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x40) ++at;
  return at < text.size() ? at + 1 : text.size();
}

}  // namespace

Look look_at(int fd) {
  const char* term = std::getenv("TERM");
  bool smart = ::isatty(fd) == 1 && term && *term && std::string_view(term) != "dumb";
  const char* no_color = std::getenv("NO_COLOR");
  return {smart, smart && !(no_color && *no_color)};
}

unsigned width_of(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* columns = std::getenv("COLUMNS");
  return columns ? static_cast<unsigned>(std::strtoul(columns, nullptr, 10)) : 0;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    if (auto escape = escape_length(text)) {
      text.remove_prefix(escape);
      continue;
    }
    auto next = decode(text);
    columns += columns_of_point(next.point);
    text.remove_prefix(next.bytes);
  }
  return columns;
}

std::string cut(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::string out;
  std::size_t used = 0;
  bool escaped = false;
  while (!text.empty()) {
    if (auto escape = escape_length(text)) {
      out += text.substr(0, escape);
      escaped = true;
      text.remove_prefix(escape);
      continue;
    }
    auto next = decode(text);
    if (used + columns_of_point(next.point) > columns - 1) break;
    used += columns_of_point(next.point);
    out += text.substr(0, next.bytes);
    text.remove_prefix(next.bytes);
  }
  return out + "…" + (escaped ? "\x1b[0m" : "");
}

std::string padded(std::string_view text, std::size_t columns) {
  auto used = columns_of(text);
  return std::string(text) + std::string(columns > used ? columns - used : 0, ' ');
}

std::string harmless(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (auto escape = escape_length(text)) {
      text.remove_prefix(escape);
      continue;
    }
    auto next = decode(text);
    if (next.point == '\t')
      out += "  ";
    else if (next.point == 0xFFFD)
      out += "?";
    // C0, DEL, C1 and the marks that turn the direction of writing round.
    else if (next.point >= 0x20 && !in(next.point, 0x7F, 0x9F) && !in(next.point, 0x202A, 0x202E) &&
             !in(next.point, 0x2066, 0x2069))
      out += text.substr(0, next.bytes);
    text.remove_prefix(next.bytes);
  }
  return out;
}

std::string toned(std::string_view text, Tone tone, const Look& look) {
  constexpr std::string_view codes[] = {"", "2", "32", "31", "33", "1"};
  auto code = codes[static_cast<std::size_t>(tone)];
  if (!look.colour || code.empty() || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string duration_words(double seconds) {
  if (seconds < 0) seconds = 0;
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  if (seconds < 120) return fmt::format("{:.0f} s", seconds);
  auto minutes = static_cast<std::uint64_t>(seconds) / 60;
  if (minutes < 120) return fmt::format("{} min", minutes);
  if (minutes < 48 * 60) return fmt::format("{} h", minutes / 60);
  return fmt::format("{} d", minutes / 60 / 24);
}

std::string age_words(std::int64_t seconds) {
  return seconds < 10 ? "now" : duration_words(static_cast<double>(seconds));
}

std::string size_words(std::uint64_t bytes) {
  constexpr std::string_view units[] = {"B", "kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 999.5 && unit < 4) {
    value /= 1000;
    ++unit;
  }
  return unit == 0 || value >= 99.5 ? fmt::format("{:.0f} {}", value, units[unit])
                                    : fmt::format("{:.1f} {}", value, units[unit]);
}

std::string table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                  const Look& look, unsigned width) {
  std::vector<std::size_t> widths;
  auto measure = [&](const std::vector<std::string>& row) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i]));
  };
  measure(header);
  for (const auto& row : rows) measure(row);
  std::string out;
  auto write = [&](const std::vector<std::string>& row, Tone tone) {
    std::string line = " ";
    for (std::size_t i = 0; i < row.size(); ++i) line += " " + padded(row[i], widths[i]) + " ";
    while (line.ends_with(' ')) line.pop_back();
    out += toned(width ? cut(line, width) : line, tone, look) + "\n";
  };
  if (!header.empty()) write(header, Tone::dim);
  for (const auto& row : rows) write(row, Tone::plain);
  return out;
}

std::string render(std::string_view program, const Error& error, const Look& look, bool verbose) {
  Error safe = error;
  safe.message = harmless(error.message);
  auto out = fmt::format("{}: {}\n", toned(program, Tone::bad, look), sentence(safe));
  std::string_view rest = error.hint;
  while (!rest.empty()) {
    auto end = std::min(rest.find('\n'), rest.size());
    out += "  " + harmless(rest.substr(0, end)) + "\n";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (verbose)
    for (const auto& doing : error.trace) out += toned("  " + harmless(doing), Tone::dim, look) + "\n";
  return out;
}

namespace {

/// A line from a terminal, letter by letter and without its signals: a Ctrl-C is an answer, and must not
/// leave a terminal without its echo. The prompt comes last: who sees it may type at once.
Result<std::string> typed_line(int terminal, bool shown, int prompted, std::string_view prompt) {
  termios before{};
  if (::tcgetattr(terminal, &before) < 0) return fail_errno("ask on the terminal", errno);
  termios quiet = before;
  quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
  quiet.c_cc[VMIN] = 1;
  quiet.c_cc[VTIME] = 0;
  ::tcsetattr(terminal, TCSADRAIN, &quiet);
  Finally restore{[&] {
    ::tcsetattr(terminal, TCSADRAIN, &before);
    (void)write_all(terminal, "\n");
  }};
  PHOTON_CHECK(write_all(prompted, prompt));
  constexpr char interrupt = 3, end = 4, erase_all = 21;
  auto show = [&](std::string_view text) {
    if (shown) (void)write_all(terminal, text);
  };
  std::string line;
  auto erase = [&] {
    if (line.empty()) return;
    while (line.size() > 1 && (static_cast<unsigned char>(line.back()) & 0xC0U) == 0x80U) line.pop_back();
    line.pop_back();
    show("\b \b");
  };
  for (char next = 0; ::read(terminal, &next, 1) == 1;) {
    if (next == interrupt || (next == end && line.empty())) return cancelled();
    if (next == '\n' || next == '\r' || next == end) return line;
    if (next == '\b' || next == 127) erase();
    while (next == erase_all && !line.empty()) erase();
    if (static_cast<unsigned char>(next) < 0x20 || next == 127) continue;
    line += next;
    show({&next, 1});
  }
  return cancelled();
}

}  // namespace

std::optional<bool> ask(std::string_view question) {
  if (::isatty(0) != 1 || ::isatty(2) != 1) return std::nullopt;
  auto answer = typed_line(0, true, 2, fmt::format("{} [y/N] ", question));
  return answer && (*answer == "y" || *answer == "Y" || *answer == "yes");
}

Result<std::string> ask_secret(std::string_view prompt) {
  Fd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC));
  if (!terminal)
    return fail(Kind::usage, "terminal.none", "there is no terminal to ask for the password",
                "give it on standard input: --password-stdin");
  return typed_line(terminal.get(), false, terminal.get(), prompt);
}

}  // namespace photon

#include "devenv/devcontainer/log.hpp"

#include <fmt/chrono.h>

#include "devenv/core/fd.hpp"
#include "devenv/core/terminal.hpp"
#include "devenv/spec/reference/value.hpp"

namespace photon::devcontainer {
namespace {

std::int64_t milliseconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

/// Line by line, for text of others is in it: no control characters reach the screen.
std::string safe(std::string_view text, std::string_view line_end) {
  std::string out;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    out += harmless(text.substr(0, end));
    out += line_end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

Log::Log(LogSettings settings, std::string header) : settings_(settings), header_(std::move(header)) {}

void Log::write(LogLevel level, std::string_view text) {
  if (!header_.empty()) event(LogLevel::info, std::exchange(header_, {}));
  event(level, text);
}

void Log::show() {
  auto text = std::exchange(held_, std::nullopt);
  if (text) put(std::move(*text));
}

void Log::put(std::string line) {
  if (held_)
    *held_ += line;
  else
    (void)write_all(2, line);
}

void Log::event(LogLevel level, std::string_view text) {
  auto now = std::chrono::system_clock::now();
  if (settings_.format == LogFormat::json) {
    spec::reference::Object object;
    object.set("type", "text");
    object.set("level", static_cast<int>(level));
    object.set("timestamp", static_cast<double>(milliseconds(now)));
    object.set("text", text);
    put(spec::reference::write(object) + "\n");
    return;
  }
  if (level < settings_.least) return;
  if (settings_.terminal) {
    put(fmt::format("[\x1b[1m\x1b[38;2;99;143;79m{} ms\x1b[39m\x1b[22m] {}",
                    milliseconds(now) - milliseconds(begin_), safe(text, "\r\n")));
    return;
  }
  auto time = std::chrono::system_clock::to_time_t(now);
  put(fmt::format("[{:%Y-%m-%dT%H:%M:%S}.{:03}Z] {}", fmt::gmtime(time), milliseconds(now) % 1000,
                  safe(text, "\n")));
}

}  // namespace photon::devcontainer

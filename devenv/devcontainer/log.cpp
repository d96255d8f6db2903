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
  do {
    auto end = std::min(text.find('\n'), text.size());
    out += harmless(text.substr(0, end));
    out += line_end;
    text.remove_prefix(std::min(end + 1, text.size()));
  } while (!text.empty());
  return out;
}

}  // namespace

Log::Log(LogSettings settings, std::string header) : settings_(settings), header_(std::move(header)) {}

void Log::begin() {
  if (!header_.empty()) event("text", LogLevel::info, std::exchange(header_, {}), {});
}

void Log::write(LogLevel level, std::string_view text) {
  begin();
  event("text", level, text, {});
}

void Log::raw(std::string_view line, std::string_view channel) {
  begin();
  event("raw", LogLevel::info, line, channel);
}

void Log::progress(std::string_view name, std::string_view status, const std::optional<std::string>& detail,
                   std::string_view channel) {
  begin();
  if (settings_.format != LogFormat::json) return;
  spec::reference::Object object;
  object.set("type", "progress");
  object.set("name", name);
  object.set("status", status);
  if (detail) object.set("stepDetail", *detail);
  if (!channel.empty()) object.set("channel", channel);
  put(spec::reference::write(object) + "\n");
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

void Log::event(std::string_view type, LogLevel level, std::string_view text, std::string_view channel) {
  const bool raw = type == "raw";
  auto now = std::chrono::system_clock::now();
  if (settings_.format == LogFormat::json) {
    spec::reference::Object object;
    object.set("type", type);
    object.set("level", static_cast<int>(level));
    object.set("timestamp", static_cast<double>(milliseconds(now)));
    object.set("text", raw ? fmt::format("{}\r\n", text) : std::string(text));
    if (!channel.empty()) object.set("channel", channel);
    put(spec::reference::write(object) + "\n");
    return;
  }
  if (level < settings_.least) return;
  if (settings_.terminal && raw) {
    put(safe(text, "\r\n"));
  } else if (settings_.terminal) {
    put(fmt::format("[\x1b[1m\x1b[38;2;99;143;79m{} ms\x1b[39m\x1b[22m] {}",
                    milliseconds(now) - milliseconds(begin_), safe(text, "\r\n")));
  }
  if (settings_.terminal) return;
  auto time = std::chrono::system_clock::to_time_t(now);
  put(fmt::format("[{:%Y-%m-%dT%H:%M:%S}.{:03}Z] {}", fmt::gmtime(time), milliseconds(now) % 1000,
                  safe(text, "\n")));
}

}  // namespace photon::devcontainer

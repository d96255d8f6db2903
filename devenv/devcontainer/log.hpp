// Standard error as the reference writes it: lines with a time, or one JSON object an event.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace photon::devcontainer {

enum class LogFormat { text, json };
enum class LogLevel { trace = 1, debug = 2, info = 3, warning = 4, error = 5 };

struct LogSettings {
  LogFormat format = LogFormat::text;
  LogLevel least = LogLevel::info;
  bool terminal = false;  ///< standard output is one: milliseconds since the start, coloured
};

class Log {
 public:
  Log(LogSettings settings, std::string header);
  /// In JSON every event is written, whatever its level.
  void write(LogLevel level, std::string_view text);
  /// Output of others, a line of it: on a terminal without a time in front.
  void raw(std::string_view line, std::string_view channel = {});
  /// Of a step, for programs: in JSON alone. `status`: running, succeeded or failed.
  void progress(std::string_view name, std::string_view status, const std::optional<std::string>& detail,
                std::string_view channel = {});
  /// Keeps what is written from now on, until `show` or `drop`.
  void hold() { held_.emplace(); }
  void show();
  void drop() { held_.reset(); }

 private:
  void event(std::string_view type, LogLevel level, std::string_view text, std::string_view channel);
  void begin();
  void put(std::string line);

  LogSettings settings_;
  std::optional<std::string> held_;
  std::string header_;  ///< in front of the first event; empty once it is written
  std::chrono::system_clock::time_point begin_ = std::chrono::system_clock::now();
};

}  // namespace photon::devcontainer

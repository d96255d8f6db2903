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
  /// Keeps what is written from now on, until `show` or `drop`.
  void hold() { held_.emplace(); }
  void show();
  void drop() { held_.reset(); }

 private:
  void event(LogLevel level, std::string_view text);
  void put(std::string line);

  LogSettings settings_;
  std::optional<std::string> held_;
  std::string header_;  ///< in front of the first event; empty once it is written
  std::chrono::system_clock::time_point begin_ = std::chrono::system_clock::now();
};

}  // namespace photon::devcontainer

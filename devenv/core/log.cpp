#include "devenv/core/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/systemd_sink.h>
#include <spdlog/spdlog.h>

#include <cstdlib>

namespace photon::log {
namespace {

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

void open(std::string_view program, Level least) {
  std::shared_ptr<spdlog::logger> logger;
  std::string name(program);
  if (std::getenv("JOURNAL_STREAM")) {
    logger = std::make_shared<spdlog::logger>(name, std::make_shared<spdlog::sinks::systemd_sink_mt>(name));
  } else {
    logger = std::make_shared<spdlog::logger>(name, std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %n %l %v");
  }
  logger->set_level(level_of(least));
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

void write(Level level, std::string_view text, Fields fields) {
  std::string line(text);
  for (const auto& [key, value] : fields) {
    bool quoted = value.empty() || value.find_first_of(" \"=\n\t") != value.npos;
    line += fmt::format(" {}=", key);
    if (!quoted) {
      line += value;
      continue;
    }
    line += '"';
    for (char c : value) {
      if (c == '"' || c == '\\') line += '\\';
      line += c == '\n' ? ' ' : c;
    }
    line += '"';
  }
  spdlog::default_logger_raw()->log(level_of(level), spdlog::string_view_t(line.data(), line.size()));
}

void error(const Error& error, Fields fields) {
  std::string text = sentence(error);
  for (const auto& line : error.trace) text += ", " + line;
  if (!error.hint.empty()) text += fmt::format(" ({})", error.hint);
  write(Level::error, text, fields);
}

}  // namespace photon::log

// Structured logs. Only programs log (main, daemon, workers); libraries return errors.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "devenv/core/error.hpp"

namespace photon::log {

using Fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;
enum class Level { debug, info, warning, error };

/// Once, in main. journald when stderr is connected to it (JOURNAL_STREAM), else stderr with a time stamp.
void open(std::string_view program, Level least);
void write(Level level, std::string_view text, Fields fields = {});

inline void debug(std::string_view text, Fields fields = {}) { write(Level::debug, text, fields); }
inline void info(std::string_view text, Fields fields = {}) { write(Level::info, text, fields); }
inline void warning(std::string_view text, Fields fields = {}) { write(Level::warning, text, fields); }
inline void error(std::string_view text, Fields fields = {}) { write(Level::error, text, fields); }
/// An Error with its trace.
void error(const Error& error, Fields fields = {});

}  // namespace photon::log

// What a boot's journal hears: one line each, with its level where systemd reads our standard error.
#pragma once
#include <string_view>

#include "devenv/core/error.hpp"

namespace photon::first_boot {

class Journal {
 public:
  /// Levels as "<4>" in front of the line, when standard error goes to the journal.
  Journal();
  void info(std::string_view text);
  void warning(std::string_view text);
  /// What is not supported or wrong at a place: file:line:column, then how to mend it.
  void warning(const Error& error);
  [[nodiscard]] unsigned warnings() const { return warnings_; }

 private:
  void say(int level, std::string_view text);
  bool levels_ = false;
  unsigned warnings_ = 0;
};

}  // namespace photon::first_boot

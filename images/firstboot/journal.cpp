#include "images/firstboot/journal.hpp"

#include <cstdlib>

#include "devenv/core/fd.hpp"
#include "devenv/core/terminal.hpp"

namespace photon::first_boot {

Journal::Journal() : levels_(std::getenv("JOURNAL_STREAM") != nullptr) {}

void Journal::say(int level, std::string_view text) {
  auto line = harmless(text);
  (void)write_all(
      2, levels_ ? fmt::format("<{}>{}\n", level, line) : fmt::format("photon-first-boot: {}\n", line));
}

void Journal::info(std::string_view text) { say(6, text); }

void Journal::warning(std::string_view text) {
  ++warnings_;
  say(4, text);
}

void Journal::warning(const Error& error) {
  warning(error.hint.empty() ? sentence(error) : fmt::format("{} ({})", sentence(error), error.hint));
}

}  // namespace photon::first_boot

// A program on a pseudo-terminal, and what a person would see on its screen.
#pragma once
#include <sys/types.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "devenv/core/fd.hpp"

namespace photon::test {

/// The few escape sequences that we write, applied to lines of a given width.
class Screen {
 public:
  explicit Screen(unsigned columns) : columns_(columns) {}
  void write(std::string_view bytes);
  void set_columns(unsigned columns) { columns_ = columns; }
  /// Lines without trailing blanks.
  [[nodiscard]] std::string text() const;

 private:
  void put(std::string_view character);
  void escape(char letter, unsigned count);
  std::vector<std::string>& line();
  unsigned columns_;
  std::size_t row_ = 0;
  std::size_t column_ = 0;
  std::vector<std::vector<std::string>> lines_;
  std::string pending_;
};

struct TerminalOptions {
  unsigned columns = 80;
  std::vector<std::string> environment{};  ///< "NAME=VALUE", on top of ours
};

class PseudoTerminal {
 public:
  PseudoTerminal(const std::vector<std::string>& argv, const TerminalOptions& options);
  ~PseudoTerminal();
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  void type(std::string_view keys);
  void resize(unsigned columns);
  /// Waits until the screen shows `part`; false after ten seconds.
  bool shows(std::string_view part);
  /// Waits for the end.
  int status();
  std::string screen();
  /// All bytes as they came.
  std::string bytes();

 private:
  void read();
  pid_t leader_ = -1;  ///< of the session; the program is its child
  int status_ = -1;
  Fd master_;
  Fd ended_;  ///< the program's wait status, once it has ended
  std::mutex mutex_;
  std::condition_variable changed_;
  Screen screen_;
  std::string bytes_;
  std::jthread reader_;
};

}  // namespace photon::test

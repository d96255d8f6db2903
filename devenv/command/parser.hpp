// The command line, by the command's own table. CLI11 is included in parser.cpp and nowhere else.
#pragma once
#include <map>

#include "devenv/command/command.hpp"

namespace photon::command {

struct Arguments {
  std::map<std::string, std::vector<std::string>, std::less<>> values;  ///< by long name: {"--name", {"web"}}
  std::vector<std::string> positionals;
  std::vector<std::string> rest;
  bool had_rest = false;  ///< there was a "--", or words for somebody else

  [[nodiscard]] bool flag(std::string_view name) const { return values.contains(name); }
  [[nodiscard]] std::string text(std::string_view name, std::string_view otherwise = {}) const;
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const;
  [[nodiscard]] std::string positional(std::size_t index) const {
    return index < positionals.size() ? positionals[index] : std::string();
  }
};

Result<Arguments> parse(const Program& program, const Words& command, std::vector<std::string> words);

}  // namespace photon::command

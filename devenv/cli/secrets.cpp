#include "devenv/cli/secrets.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/json/object.hpp>

#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"
#include "devenv/core/terminal.hpp"

namespace photon::cli {
namespace {

constexpr std::size_t most_bytes = 1 << 20;

tl::unexpected<Error> wrong_file(const std::string& file, std::string_view what) {
  return fail(Kind::usage, "cli.secrets", fmt::format("{} {}", file, what), R"(it holds {"NAME": "value"})");
}

/// "NAME<tab>description<tab>URL"
struct Asked {
  std::string name;
  std::string description;
  std::string url;
};
Asked asked_in(std::string_view line) {
  auto field = [&] {
    auto end = std::min(line.find('\t'), line.size());
    auto text = harmless(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
    return text;
  };
  Asked asked;
  asked.name = field();
  asked.description = field();
  asked.url = field();
  return asked;
}

std::string lines_about(const Asked& asked) {
  auto text = fmt::format("  {}{}\n", asked.name, asked.description.empty() ? "" : ": " + asked.description);
  if (!asked.url.empty()) text += fmt::format("    {}\n", asked.url);
  return text;
}

}  // namespace

Result<std::map<std::string, Secret>> secrets_from(const std::string& file) {
  PHOTON_TRY(auto text, read_file(file, most_bytes));
  PHOTON_TRY(auto value, parse_json(text, file));
  if (!value.is_object()) return wrong_file(file, "is no object of secrets");
  std::map<std::string, Secret> secrets;
  for (const auto& [name, item] : value.get_object()) {
    const bool plain = item.is_string() || item.is_number() || item.is_bool();
    if (!plain || name.empty() || name.find_first_of(std::string_view("=\0\n", 3)) != name.npos)
      return wrong_file(file, "has something else than names and texts");
    secrets[name] = Secret(item.is_string() ? std::string(item.get_string()) : write_json(item));
  }
  return secrets;
}

bool at_terminal() {
  if (::isatty(0) != 1 || ::isatty(2) != 1) return false;
  return open_fd("/dev/tty", O_RDWR | O_NOCTTY).has_value();  // what is asked through
}

Result<std::map<std::string, Secret>> ask_for_secrets(const Error& asked) {
  auto lines = std::string_view(asked.hint).substr(0, asked.hint.rfind('\n'));
  PHOTON_CHECK(write_all(2, fmt::format("{}; Enter alone leaves one out\n", harmless(asked.message))));
  std::map<std::string, Secret> secrets;
  while (!lines.empty()) {
    auto end = std::min(lines.find('\n'), lines.size());
    auto one = asked_in(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
    PHOTON_CHECK(write_all(2, lines_about(one)));
    PHOTON_TRY(auto typed, ask_secret(fmt::format("  {}= ", one.name)));
    secrets[one.name] = Secret(std::move(typed));
  }
  return secrets;
}

}  // namespace photon::cli

#include "devenv/gateway/options.hpp"

#include <charconv>

namespace photon::gateway {
namespace {

Result<unsigned> number(const std::string& text, const std::string& option) {
  unsigned value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value <= 1'000'000) return value;
  return fail(Kind::usage, "gateway.usage", fmt::format("{} takes a number", option));
}

}  // namespace

Result<Options> read_options(const std::vector<std::string>& words) {
  Options options;
  const std::map<std::string_view, std::function<void(unsigned)>> table{
      {"--connection", [&](unsigned n) { options.connection = static_cast<int>(n); }},
      {"--broker", [&](unsigned n) { options.broker = static_cast<int>(n); }},
      {"--host-key", [&](unsigned n) { options.host_key = static_cast<int>(n); }},
      {"--login-time", [&](unsigned n) { options.login_time = std::chrono::seconds(n); }},
      {"--keepalive", [&](unsigned n) { options.keepalive = std::chrono::seconds(n); }},
      {"--keepalive-misses", [&](unsigned n) { options.keepalive_misses = n; }},
      {"--tries", [&](unsigned n) { options.tries = n; }},
      {"--sessions", [&](unsigned n) { options.sessions = n; }},
      {"--forwards", [&](unsigned n) { options.forwards = n; }},
  };
  for (std::size_t i = 0; i < words.size(); i += 2) {
    auto found = table.find(words[i]);
    if (found == table.end() || i + 1 == words.size())
      return fail(Kind::usage, "gateway.usage", "unknown or incomplete option " + words[i],
                  "devenvd starts this program; it is not for hands");
    PHOTON_TRY(unsigned value, number(words[i + 1], words[i]));
    found->second(value);
  }
  if (options.connection < 0 || options.broker < 0 || options.host_key < 0)
    return fail(Kind::usage, "gateway.usage", "--connection, --broker and --host-key are needed",
                "devenvd starts this program; it is not for hands");
  return options;
}

}  // namespace photon::gateway

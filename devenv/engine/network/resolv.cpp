#include "devenv/engine/network/resolv.hpp"

#include <fmt/format.h>

namespace photon::network {
namespace {

std::string_view word(std::string_view& line) {
  auto begin = std::min(line.find_first_not_of(" \t"), line.size());
  line.remove_prefix(begin);
  auto found = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(found.size());
  return found;
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address == "0.0.0.0" || address == "localhost";
}

// Search domains and options stay when the servers are replaced.
std::string settings_of(std::string_view file) {
  std::string settings;
  while (!file.empty()) {
    auto line = file.substr(0, file.find('\n'));
    file.remove_prefix(std::min(line.size() + 1, file.size()));
    auto rest = line;
    auto key = word(rest);
    if (key == "search" || key == "domain" || key == "options") settings += fmt::format("{}\n", line);
  }
  return settings;
}

}  // namespace

Resolvers without_loopback(std::string_view file) {
  Resolvers found;
  while (!file.empty()) {
    auto line = file.substr(0, file.find('\n'));
    file.remove_prefix(std::min(line.size() + 1, file.size()));
    auto rest = line;
    if (word(rest) == "nameserver") {
      auto address = word(rest);
      if (is_loopback(address)) {
        if (found.loopback.empty() && address.starts_with("127.")) found.loopback = address;
        continue;
      }
      ++found.usable;
    }
    found.text += fmt::format("{}\n", line);
  }
  return found;
}

std::string environment_resolv_conf(std::string_view host, std::string_view behind,
                                    std::string_view forwarder) {
  auto own = without_loopback(host);
  if (own.usable > 0) return own.text;
  auto upstream = without_loopback(behind);
  if (upstream.usable > 0) return upstream.text;
  if (!forwarder.empty()) return fmt::format("nameserver {}\n{}", forwarder, settings_of(host));
  return fmt::format("# The machine has no name server that is reached from here.\n{}", settings_of(host));
}

}  // namespace photon::network

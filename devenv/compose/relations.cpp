// What services have to do with each other: networks, names, order, health.
#include <array>

#include "devenv/compose/merge.hpp"
#include "devenv/compose/reading.hpp"
#include "devenv/core/name.hpp"

namespace photon::compose {
namespace {

using Aliases = std::set<std::string>;

Result<void> aliases(const Node& node, std::string_view name, const Reading& reading, Aliases& to) {
  PHOTON_TRY(auto all, reading.texts(node, name));
  to.insert(all.begin(), all.end());
  return {};
}

constexpr std::string_view addresses = "addresses are ours to choose; names lead to them";
constexpr std::array network_members{known<Aliases>("aliases", aliases),
                                     idle<Aliases>("priority"),
                                     idle<Aliases>("gw_priority"),
                                     refused<Aliases>("ipv4_address", addresses),
                                     refused<Aliases>("ipv6_address", addresses),
                                     refused<Aliases>("link_local_ips", addresses),
                                     refused<Aliases>("mac_address", addresses),
                                     refused<Aliases>("interface_name", "it is eth0"),
                                     refused<Aliases>("driver_opts", "take it out")};

constexpr std::array<std::string_view, 3> conditions{"service_started", "service_healthy",
                                                     "service_completed_successfully"};

Result<void> condition(const Node& node, std::string_view name, const Reading& reading, Dependency& to) {
  PHOTON_TRY(auto word, reading.text(node, name));
  auto found = std::find(conditions.begin(), conditions.end(), word);
  if (found == conditions.end())
    return reading.wrong(node, name, fmt::format("one of {}", fmt::join(conditions, ", ")));
  to.condition = static_cast<Dependency::Condition>(found - conditions.begin());
  return {};
}
constexpr std::array dependency_members{known<Dependency>("condition", condition),
                                        known<Dependency>("required", read_flag<&Dependency::required>),
                                        idle<Dependency>("restart")};

Result<void> test(const Node& node, std::string_view name, const Reading& reading, Health& health) {
  if (node.is_text()) {
    health.shell = node.text;
    return {};
  }
  PHOTON_TRY(auto words, reading.texts(node, name));
  if (words.empty()) return {};
  auto kind = words[0];
  words.erase(words.begin());
  if (kind == "NONE") {
    health.disabled = true;
  } else if (kind == "CMD" && !words.empty()) {
    health.argv = std::move(words);
  } else if (kind == "CMD-SHELL" && words.size() == 1) {
    health.shell = words[0];
  } else {
    return reading.wrong(node, name, "a command that begins with CMD, CMD-SHELL or NONE",
                         R"(["CMD", "pg_isready"])");
  }
  return {};
}
Result<void> retries(const Node& node, std::string_view name, const Reading& reading, Health& health) {
  PHOTON_TRY(auto number, reading.number(node, name));
  if (number < 0 || number > 10000) return reading.wrong(node, name, "a number up to 10000");
  health.retries = static_cast<unsigned>(number);
  return {};
}
constexpr std::array health_members{known<Health>("test", test),
                                    known<Health>("interval", read_duration<&Health::interval>),
                                    known<Health>("timeout", read_duration<&Health::timeout>),
                                    known<Health>("start_period", read_duration<&Health::start_period>),
                                    known<Health>("start_interval", read_duration<&Health::start_interval>),
                                    known<Health>("retries", retries),
                                    known<Health>("disable", read_flag<&Health::disabled>)};

}  // namespace

Result<void> read_networks(const Node& node, std::string_view name, const Reading& reading,
                           Service& service) {
  service.network_where = node.where;
  if (node.is_list()) {
    PHOTON_TRY(auto all, reading.texts(node, name));
    for (const auto& one : all) service.networks[one];
    return {};
  }
  PHOTON_CHECK(reading.must_be_map(node, name));
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    auto& to = service.networks[node.keys[i]];
    if (node.items[i].is_nothing()) continue;
    auto path = fmt::format("networks.{}", node.keys[i]);
    PHOTON_CHECK(reading.must_be_map(node.items[i], path));
    PHOTON_CHECK(read_members(node.items[i], path + ".", network_members, reading, to));
  }
  return {};
}

Result<void> read_network_mode(const Node& node, std::string_view name, const Reading& reading,
                               Service& service) {
  PHOTON_TRY(auto mode, reading.text(node, name));
  service.network_where = node.where;
  if (mode == "bridge" || mode == "default") return {};
  if (mode == "none" || mode.starts_with("service:")) {
    service.network_mode = std::move(mode);
    return {};
  }
  return reading.unsupported(node.where, fmt::format("network_mode: {}", mode),
                             "none and service:NAME are; ports publishes what is to be reached from here");
}

/// SERVICE or SERVICE:ALIAS
Result<void> read_links(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  PHOTON_TRY(auto all, reading.texts(node, name));
  for (const auto& text : all) {
    auto colon = text.find(':');
    auto& names = service.links[text.substr(0, colon)];
    if (colon != text.npos) names.insert(text.substr(colon + 1));
    auto& dependency = service.depends_on[text.substr(0, colon)];
    if (dependency.where.line == 0) dependency.where = node.where;
  }
  return {};
}

/// "NAME:ADDRESS", "NAME=ADDRESS", or a map of them.
Result<void> read_hosts(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  auto map = as_map(node, "=:");
  PHOTON_CHECK(reading.must_be_map(map, name));
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    PHOTON_TRY(auto addresses_of, reading.texts(map.items[i], name));
    for (auto address : addresses_of) {
      if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
      bool good = !address.empty() && address.find_first_of(" \t\n") == std::string::npos;
      if (!good || map.keys[i].find_first_of(" \t\n") != std::string::npos)
        return reading.wrong(map.items[i], name, "names and addresses", "\"somehost:192.0.2.1\"");
      service.extra_hosts.emplace_back(map.keys[i], address);
    }
  }
  return {};
}

Result<void> read_depends_on(const Node& node, std::string_view name, const Reading& reading,
                             Service& service) {
  if (node.is_list()) {
    for (const auto& item : node.items) {
      PHOTON_TRY(auto other, reading.text(item, name));
      service.depends_on[other].where = item.where;
    }
    return {};
  }
  PHOTON_CHECK(reading.must_be_map(node, name));
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    Dependency to;
    to.where = node.key_places[i];
    auto path = fmt::format("depends_on.{}", node.keys[i]);
    if (!node.items[i].is_nothing()) {
      PHOTON_CHECK(reading.must_be_map(node.items[i], path));
      PHOTON_CHECK(read_members(node.items[i], path + ".", dependency_members, reading, to));
    }
    service.depends_on[node.keys[i]] = std::move(to);
  }
  return {};
}

Result<void> read_health(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  PHOTON_CHECK(reading.must_be_map(node, name));
  Health health;
  PHOTON_CHECK(read_members(node, "healthcheck.", health_members, reading, health));
  service.health = std::move(health);
  return {};
}

}  // namespace photon::compose

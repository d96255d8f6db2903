// One tree as a typed project: how values are read, and what is said of those that are wrong.
#pragma once
#include <span>

#include "devenv/compose/files.hpp"

namespace photon::compose {

using yaml::Node;

/// What readers share. Each fault names file, line, column and property.
struct Reading {
  const Inputs& inputs;
  const Tree& tree;
  std::vector<Warning>& warnings;
  Lookup lookup;

  /// "ports" must be …
  [[nodiscard]] tl::unexpected<Error> wrong(const Node& node, std::string_view name,
                                            std::string_view expected, std::string hint = {}) const;
  void warn(const Place& where, std::string message, std::string hint = {}) const {
    warnings.push_back({where, std::move(message), std::move(hint)});
  }
  /// Known, and not to be had here: an error, or a warning where that is asked for.
  [[nodiscard]] Result<void> unsupported(const Place& where, std::string_view name, std::string hint) const;
  /// A key that no table has; `near` are those that could be meant. x-… is anybody's.
  [[nodiscard]] Result<void> unknown(const Node& map, std::size_t number, std::string_view name,
                                     std::span<const std::string_view> near) const;

  [[nodiscard]] Result<std::string> text(const Node& node, std::string_view name) const;
  [[nodiscard]] Result<bool> flag(const Node& node, std::string_view name) const;
  [[nodiscard]] Result<std::int64_t> number(const Node& node, std::string_view name) const;
  /// Thousandths of "0.5".
  [[nodiscard]] Result<std::uint64_t> thousandths(const Node& node, std::string_view name) const;
  /// "64m", "1.5gb", 1024: bytes.
  [[nodiscard]] Result<std::uint64_t> bytes(const Node& node, std::string_view name) const;
  /// "1m30s", "500ms"; a number alone is seconds.
  [[nodiscard]] Result<std::chrono::milliseconds> duration(const Node& node, std::string_view name) const;
  /// A list of texts; one text alone counts as a list of it.
  [[nodiscard]] Result<std::vector<std::string>> texts(const Node& node, std::string_view name) const;
  /// A list of "NAME=value" or a map; nullopt: a name without a value.
  [[nodiscard]] Result<std::vector<std::pair<std::string, std::optional<std::string>>>> pairs(
      const Node& node, std::string_view name, std::string_view signs = "=") const;
  /// A command: a list as it is, a text divided as a shell would, nothing run by one.
  [[nodiscard]] Result<std::vector<std::string>> words(const Node& node, std::string_view name) const;
  /// Where relative paths in a value count from.
  [[nodiscard]] const std::string& folder_of(const Node& node) const;
  [[nodiscard]] Result<void> must_be_map(const Node& node, std::string_view name) const;
};

/// A property of a map: how it is read into `To`. Without a reader it has no effect; `hint` says why.
template <class To>
struct Property {
  enum class What { read, idle, told, unsupported } what = What::read;
  std::string_view name;
  Result<void> (*read)(const Node&, std::string_view name, const Reading&, To&) = nullptr;
  std::string_view hint{};
};
template <class To>
constexpr Property<To> known(std::string_view name,
                             Result<void> (*read)(const Node&, std::string_view, const Reading&, To&)) {
  return {Property<To>::What::read, name, read, {}};
}
/// Without effect here, which harms nobody.
template <class To>
constexpr Property<To> idle(std::string_view name) {
  return {Property<To>::What::idle, name, nullptr, {}};
}
/// Without effect here, which is told.
template <class To>
constexpr Property<To> told(std::string_view name, std::string_view hint) {
  return {Property<To>::What::told, name, nullptr, hint};
}
template <class To>
constexpr Property<To> refused(std::string_view name, std::string_view hint) {
  return {Property<To>::What::unsupported, name, nullptr, hint};
}

/// Every member of a map by a table. `prefix` stands before its name in messages: "build.".
template <class To, class Table>
Result<void> read_members(const Node& map, std::string_view prefix, const Table& table,
                          const Reading& reading, To& to) {
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    const auto& key = map.keys[i];
    auto name = std::string(prefix) + key;
    auto found = std::find_if(std::begin(table), std::end(table),
                              [&](const auto& property) { return property.name == key; });
    if (found == std::end(table)) {
      std::vector<std::string_view> names;
      for (const auto& property : table) names.push_back(property.name);
      PHOTON_CHECK(reading.unknown(map, i, name, names));
    } else if (map.items[i].is_nothing()) {
      continue;  // a name alone says nothing
    } else if (found->what == Property<To>::What::told) {
      reading.warn(map.key_places[i], fmt::format("\"{}\" has no effect here", name),
                   std::string(found->hint));
    } else if (found->what == Property<To>::What::unsupported) {
      PHOTON_CHECK(reading.unsupported(map.key_places[i], name, std::string(found->hint)));
    } else if (found->read != nullptr) {
      PHOTON_CHECK(found->read(map.items[i], name, reading, to));
    }
  }
  return {};
}

template <auto field, class To>
Result<void> read_text(const Node& node, std::string_view name, const Reading& reading, To& to) {
  PHOTON_TRY(to.*field, reading.text(node, name));
  return {};
}
template <auto field, class To>
Result<void> read_flag(const Node& node, std::string_view name, const Reading& reading, To& to) {
  PHOTON_TRY(to.*field, reading.flag(node, name));
  return {};
}
template <auto field, class To>
Result<void> read_texts(const Node& node, std::string_view name, const Reading& reading, To& to) {
  PHOTON_TRY(to.*field, reading.texts(node, name));
  return {};
}
template <auto field, class To>
Result<void> read_bytes(const Node& node, std::string_view name, const Reading& reading, To& to) {
  PHOTON_TRY(to.*field, reading.bytes(node, name));
  return {};
}
template <auto field, class To>
Result<void> read_duration(const Node& node, std::string_view name, const Reading& reading, To& to) {
  PHOTON_TRY(to.*field, reading.duration(node, name));
  return {};
}

using Read = Result<void>(const Node&, std::string_view, const Reading&, Service&);
Read read_build, read_ports, read_volumes, read_tmpfs, read_devices, read_networks, read_network_mode,
    read_links, read_hosts, read_depends_on, read_health, read_ulimits, read_deploy, read_restart,
    read_configs, read_secrets;

/// A service by its table of properties.
Result<Service> read_service(const std::string& name, const Node& node, const Reading& reading);
/// The whole tree: services, and what they refer to.
Result<Project> read_project(const Reading& reading);

/// At most `most`, all digits; nullopt: it is none.
std::optional<std::uint64_t> digits(std::string_view text, std::uint64_t most = UINT64_MAX);

}  // namespace photon::compose

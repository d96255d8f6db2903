// The whole tree: services, what they refer to, and the order that follows from it.
#include <array>

#include "devenv/compose/reading.hpp"
#include "devenv/core/name.hpp"

namespace photon::compose {
namespace {

constexpr std::size_t most_services = 200;
constexpr std::array<std::string_view, 9> members{"name",    "services", "volumes", "networks", "configs",
                                                  "secrets", "version",  "include", "models"};

struct Network {
  std::string driver;
  bool internal = false;
  std::string external;
};
constexpr std::string_view one_network = "all services of a project and your environments share one network";
constexpr std::array network_members{known<Network>("driver", read_text<&Network::driver>),
                                     idle<Network>("name"),
                                     idle<Network>("labels"),
                                     idle<Network>("attachable"),
                                     idle<Network>("enable_ipv4"),
                                     refused<Network>("internal", one_network),
                                     refused<Network>("external", one_network),
                                     refused<Network>("driver_opts", one_network),
                                     refused<Network>("enable_ipv6", "environments have IPv4"),
                                     refused<Network>("ipam", "addresses are ours to choose")};

struct VolumePart {
  std::string name;
  bool external = false;
};
/// Older files name it there.
Result<void> external(const Node& node, std::string_view name, const Reading& reading, VolumePart& to) {
  if (!node.is_map()) return read_flag<&VolumePart::external>(node, name, reading, to);
  to.external = true;
  if (const auto* named = node.find("name")) to.name = named->text;
  return {};
}
Result<void> local_driver(const Node& node, std::string_view name, const Reading& reading, VolumePart&) {
  PHOTON_TRY(auto driver, reading.text(node, name));
  if (driver.empty() || driver == "local") return {};
  return reading.unsupported(node.where, fmt::format("volumes driver: {}", driver), "local is");
}
constexpr std::array volume_members{known<VolumePart>("name", read_text<&VolumePart::name>),
                                    known<VolumePart>("external", external),
                                    known<VolumePart>("driver", local_driver), idle<VolumePart>("labels"),
                                    refused<VolumePart>("driver_opts", "a volume is a folder of ours")};

class Reader {
 public:
  explicit Reader(const Reading& reading) : reading_(reading), root_(reading.tree.root) {}

  Result<Project> all() {
    project_.name = reading_.tree.name;
    for (std::size_t i = 0; i < root_.keys.size(); ++i) {
      const auto& key = root_.keys[i];
      if (key == "include" || key == "models") {
        const char* hint =
            key == "include" ? "name its files in dockerComposeFile, which takes a list" : "take it out";
        PHOTON_CHECK(reading_.unsupported(root_.key_places[i], key, hint));
      } else if (std::find(members.begin(), members.end(), key) == members.end()) {
        PHOTON_CHECK(reading_.unknown(root_, i, key, members));
      }
    }
    PHOTON_CHECK(volumes());
    PHOTON_CHECK(networks());
    PHOTON_CHECK(services());
    for (auto& service : project_.services) PHOTON_CHECK(refers(service));
    PHOTON_CHECK(ports_apart());
    PHOTON_CHECK(in_order());
    return std::move(project_);
  }

 private:
  [[nodiscard]] Result<const Node*> section(std::string_view name) const {
    const auto* found = root_.find(name);
    if (found == nullptr || found->is_nothing()) return nullptr;
    PHOTON_CHECK(reading_.must_be_map(*found, name));
    return found;
  }

  Result<void> volumes() {
    PHOTON_TRY(const auto* map, section("volumes"));
    for (std::size_t i = 0; map != nullptr && i < map->keys.size(); ++i) {
      VolumePart part;
      const auto path = fmt::format("volumes.{}", map->keys[i]);
      if (!map->items[i].is_nothing()) {
        PHOTON_CHECK(reading_.must_be_map(map->items[i], path));
        PHOTON_CHECK(read_members(map->items[i], path + ".", volume_members, reading_, part));
      }
      const bool exact = part.external || !part.name.empty();
      project_.volumes[map->keys[i]] = {part.name.empty() ? map->keys[i] : part.name, exact};
    }
    return {};
  }

  Result<void> networks() {
    PHOTON_TRY(const auto* map, section("networks"));
    for (std::size_t i = 0; map != nullptr && i < map->keys.size(); ++i) {
      networks_.insert(map->keys[i]);
      const auto& item = map->items[i];
      if (item.is_nothing()) continue;
      const auto path = fmt::format("networks.{}", map->keys[i]);
      PHOTON_CHECK(reading_.must_be_map(item, path));
      auto plain = item;  // "internal: false" asks for nothing
      for (const char* key : {"internal", "external", "enable_ipv6"})
        if (const auto* value = plain.find(key); value && value->truth() == false) plain.erase(key);
      Network network;
      PHOTON_CHECK(read_members(plain, path + ".", network_members, reading_, network));
      if (!network.driver.empty() && network.driver != "bridge")
        PHOTON_CHECK(reading_.unsupported(item.where, fmt::format("{}.driver: {}", path, network.driver),
                                          "bridge is"));
    }
    return {};
  }

  Result<void> services() {
    PHOTON_TRY(const auto* map, section("services"));
    if (map == nullptr || map->keys.empty())
      return fail_at(root_.where, Kind::usage, "compose.services", "there are no services",
                     "services: {app: …}");
    if (map->keys.size() > most_services)
      return fail_at(map->where, Kind::usage, "compose.services",
                     fmt::format("there are more than {} services", most_services));
    for (std::size_t i = 0; i < map->keys.size(); ++i) {
      const auto& name = map->keys[i];
      bool good =
          !name.empty() && name.size() <= 63 &&
          name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
              std::string::npos;
      if (!good)
        return fail_at(map->key_places[i], Kind::usage, "compose.name",
                       fmt::format("\"{}\" cannot name a service", shown(name)),
                       "letters, digits, ., _ and -");
      PHOTON_TRY(auto service, read_service(name, map->items[i], reading_));
      service.where = map->key_places[i];
      project_.services.push_back(std::move(service));
    }
    return {};
  }

  [[nodiscard]] tl::unexpected<Error> no_such(const Place& where, std::string_view what,
                                              const std::string& name,
                                              const std::vector<std::string_view>& names) const {
    auto near = nearest(name, names);
    return fail_at(
        where, Kind::usage, "compose.reference", fmt::format("there is no {} \"{}\"", what, shown(name)),
        near.empty() ? fmt::format("add it to \"{}s\"", what) : fmt::format("did you mean \"{}\"?", near));
  }

  Result<void> service_there(const std::string& name, const Place& where) const {
    if (project_.find(name) != nullptr) return {};
    std::vector<std::string_view> names;
    for (const auto& other : project_.services) names.push_back(other.name);
    return no_such(where, "service", name, names);
  }

  /// Everything that a service names is there; what shares a network depends on who brings it.
  Result<void> refers(Service& service) {
    for (const auto& mount : service.mounts) {
      if (mount.type != "volume" || mount.source.empty() || project_.volumes.contains(mount.source)) continue;
      std::vector<std::string_view> names;
      for (const auto& [name, volume] : project_.volumes) names.push_back(name);
      return no_such(mount.where, "volume", mount.source, names);
    }
    for (const auto& [name, aliases] : service.networks)
      if (name != "default" && !networks_.contains(name))
        return no_such(service.network_where, "network", name, {networks_.begin(), networks_.end()});
    if (service.network_mode.starts_with("service:")) {
      auto other = service.network_mode.substr(8);
      PHOTON_CHECK(service_there(other, service.network_where));
      auto& dependency = service.depends_on[other];
      if (dependency.where.line == 0) dependency.where = service.network_where;
      if (!service.ports.empty())
        return fail_at(service.ports[0].where, Kind::usage, "compose.network",
                       fmt::format("\"ports\" of a service in the network of {}", other),
                       fmt::format("publish them in {}", other));
    } else if (service.network_mode.empty() && service.networks.empty()) {
      service.networks["default"];
    }
    for (const auto& [name, dependency] : service.depends_on) {
      PHOTON_CHECK(service_there(name, dependency.where));
      const auto* other = project_.find(name);
      if (dependency.condition == Dependency::Condition::healthy && other->health && other->health->disabled)
        return fail_at(dependency.where, Kind::usage, "compose.health",
                       fmt::format("\"{}\" waits for the health of \"{}\", whose healthcheck is off",
                                   service.name, name),
                       "give it a healthcheck, or wait for service_started");
    }
    return {};
  }

  Result<void> ports_apart() const {
    std::map<unsigned, std::string> taken;
    for (const auto& service : project_.services)
      for (const auto& port : service.ports) {
        if (port.published == 0) continue;
        auto [first, is_new] = taken.emplace(port.published, service.name);
        // Profiles may keep two services apart.
        if (is_new || !service.profiles.empty() || !project_.find(first->second)->profiles.empty()) continue;
        return fail_at(port.where, Kind::usage, "compose.port",
                       fmt::format("port {} of this machine is published twice, by \"{}\" and by \"{}\"",
                                   port.published, first->second, service.name),
                       "give one of them another number");
      }
    return {};
  }

  Result<void> in_order() {
    std::vector<Service> ordered;
    std::set<std::string> done;
    std::vector<std::string> way;
    for (const auto& service : project_.services) PHOTON_CHECK(visit(service, ordered, done, way));
    project_.services = std::move(ordered);
    return {};
  }

  Result<void> visit(const Service& service, std::vector<Service>& ordered, std::set<std::string>& done,
                     std::vector<std::string>& way) const {
    if (done.contains(service.name)) return {};
    if (std::find(way.begin(), way.end(), service.name) != way.end())
      return fail_at(service.where, Kind::usage, "compose.cycle", "services wait for each other",
                     fmt::format("{} → {}", fmt::join(way, " → "), service.name));
    way.push_back(service.name);
    for (const auto& [name, dependency] : service.depends_on)
      PHOTON_CHECK(visit(*project_.find(name), ordered, done, way));
    way.pop_back();
    done.insert(service.name);
    ordered.push_back(service);
    return {};
  }

  const Reading& reading_;
  const Node& root_;
  Project project_;
  std::set<std::string> networks_;
};

}  // namespace

Result<Project> read_project(const Reading& reading) { return Reader(reading).all(); }

}  // namespace photon::compose

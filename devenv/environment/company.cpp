// By which names services know each other, and where those lead.
#include "devenv/core/fd.hpp"
#include "devenv/environment/services.hpp"

namespace photon::environment {

/// Networks of the project divide names, not addresses: all are on one bridge.
std::set<std::string> Services::names_for(const std::string& viewer, const std::string& name) const {
  const auto& service = ensemble_.service(name);
  const auto& here = ensemble_.network_of(viewer);
  const auto& there = ensemble_.network_of(name);
  std::set<std::string> names;
  bool shared = &here == &there;
  for (const auto& [network, aliases] : there.networks)
    if (here.networks.contains(network)) shared = true;
  if (there.network_mode == "none") return names;
  // Published ports are reached through the environment.
  const bool published = is_main(viewer) && !service.ports.empty();
  if (shared || published) names.insert(name);
  if (!shared) return names;
  if (!service.container_name.empty()) names.insert(service.container_name);
  if (!service.hostname.empty()) names.insert(service.hostname);
  for (const auto& [network, aliases] : service.networks)
    if (&here == &there || here.networks.contains(network)) names.insert(aliases.begin(), aliases.end());
  const auto& links = ensemble_.service(viewer).links;
  if (auto link = links.find(name); link != links.end())
    names.insert(link->second.begin(), link->second.end());
  return names;
}

std::vector<Named> Services::seen_from(const std::string& viewer) const {
  std::vector<Named> lines;
  for (const auto& name : ensemble_.order) {
    auto attached = attached_.find(ensemble_.network_of(name).name);
    if (attached == attached_.end()) continue;
    auto names = names_for(viewer, name);
    if (names.empty()) continue;
    // Without a right to make links each has its own loopback alone, and what shares it.
    auto address = attached->second.address;
    if (address.empty() && ensemble_.network_of(viewer).name == attached->first) address = "127.0.0.1";
    if (!address.empty()) lines.push_back({address, {names.begin(), names.end()}});
  }
  return lines;
}

Result<void> Services::connect(const spec::Plan& plan) {
  const auto& own = ensemble_.network_of(ensemble_.main);
  for (const auto& name : ensemble_.order) {
    const auto& owner = ensemble_.network_of(name);
    if (owner.network_mode == "none" || attached_.contains(owner.name)) continue;
    // Whoever brings it, the environment's network is the environment's: NAME.devenv leads there.
    auto id = owner.name == own.name ? record_.id : id_of(owner.name);
    PHOTON_TRY(attached_[owner.name], parts_.host.network().attach(id, record_.owner));
  }
  for (const auto& name : ensemble_.order) {
    if (is_main(name)) continue;
    const auto& service = ensemble_.service(name);
    auto hostname = service.hostname.empty() ? name : service.hostname;
    Etc around{seen_from(name),     hostname, service.dns, service.dns_search, service.dns_options,
               service.extra_hosts, ""};
    auto attached = attached_.find(name);
    if (attached != attached_.end()) around.gateway = attached->second.gateway;
    PHOTON_CHECK(write_etc(folders(name).etc(), around, parts_.host));
  }
  Etc more;
  more.lines = seen_from(ensemble_.main);
  more.dns_search = ensemble_.own().dns_search;
  more.dns_options = ensemble_.own().dns_options;
  return connect_network(record_, plan, parts_.host, more);
}

std::vector<WantedPort> published_by(const Ensemble& ensemble) {
  std::vector<WantedPort> wanted;
  const auto* own = &ensemble.network_of(ensemble.main);
  for (const auto& name : ensemble.order) {
    const auto* other = &ensemble.network_of(name);
    if (other->network_mode == "none") continue;
    for (const auto& port : ensemble.service(name).ports)
      wanted.push_back(
          {own == other ? "" : name, port.target, port.published, port.published != 0, port.where});
  }
  return wanted;
}

}  // namespace photon::environment

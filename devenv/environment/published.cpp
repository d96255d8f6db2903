// Ports of an environment on this machine's loopback.
#include <map>

#include "devenv/environment/container.hpp"
#include "devenv/environment/provision.hpp"

namespace photon::environment {
namespace {

std::vector<WantedPort> wanted_by(const spec::Plan& plan) {
  std::vector<WantedPort> wanted;
  auto forwards = plan.forward_ports;
  forwards.insert(forwards.end(), plan.app_ports.begin(), plan.app_ports.end());
  for (const auto& forward : forwards) {
    bool must = spec::attributes_of(plan, forward).require_local_port;
    wanted.push_back({forward.host, forward.port, must ? forward.port : 0, must});
  }
  return wanted;
}

Result<unsigned> open_one(Parts parts, const Record& record, const Port& port, const WantedPort* wanted) {
  const auto socket = folders_of(parts.host.paths(), record.id).socket();
  const Doors::Place place{record.id, port.port, port.host};
  if (wanted == nullptr || !wanted->must) {
    auto opened = parts.doors.open(place, socket, port.local);
    if (!opened && port.local != 0) opened = parts.doors.open(place, socket, 0);
    return opened;
  }
  auto opened = parts.doors.open(place, socket, wanted->local);
  if (opened || wanted->where.file.empty()) return opened;
  return fail_at(wanted->where, opened.error().kind, opened.error().code, opened.error().message,
                 "give it another number, or end what has taken it");
}

}  // namespace

Result<void> publish_ports(Parts parts, Record& record, const spec::Plan& plan,
                           const std::vector<WantedPort>& more) {
  auto all = wanted_by(plan);
  all.insert(all.end(), more.begin(), more.end());
  std::map<std::pair<std::string, unsigned>, WantedPort> wanted;  // the last word counts
  for (const auto& one : all) {
    auto& known = wanted[{one.host, one.port}];
    if (!known.must) known = one;
  }
  std::erase_if(record.ports, [&](const Port& port) {
    bool gone = port.configured && !wanted.contains({port.host, port.port});
    if (gone) parts.doors.close({record.id, port.port, port.host});
    return gone;
  });
  for (const auto& one : all) {
    spec::ForwardPort forward{one.host, one.port};
    bool known = std::any_of(record.ports.begin(), record.ports.end(), [&](const Port& port) {
      return port.port == one.port && port.host == one.host;
    });
    if (known || one.port == 0) continue;
    const auto& attributes = spec::attributes_of(plan, forward);
    Port port;
    port.host = one.host;
    port.port = one.port;
    port.forwarded = port.configured = true;
    port.label = attributes.label;
    port.protocol = attributes.protocol;
    record.ports.push_back(std::move(port));
  }
  for (auto& port : record.ports) {
    auto found = wanted.find({port.host, port.port});
    PHOTON_TRY(port.local, open_one(parts, record, port, found == wanted.end() ? nullptr : &found->second));
  }
  return {};
}

}  // namespace photon::environment

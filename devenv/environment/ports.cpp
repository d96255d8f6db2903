// The ports of an environment: what it wants published, where they are found here, and what listens inside.
#include "devenv/environment/environments.hpp"

namespace photon::environment {

Result<std::vector<Port>> Local::ports(const std::string& name) {
  PHOTON_TRY(auto record, by_name(name));
  auto ports = record.ports;
  for (auto& port : ports) port.local = doors_.local_of({record.id, port.port, port.host});
  if (!allowed(Action::exec, record.state)) return ports;
  auto connection = inside::connect(folders_of(host_.paths(), record.id).socket());
  if (!connection) return ports;
  PHOTON_TRY(auto listening, inside::ports(std::move(*connection)));
  for (const auto& found : listening) {
    auto known = std::find_if(ports.begin(), ports.end(),
                              [&](const Port& port) { return port.port == found.port && port.host.empty(); });
    if (known == ports.end()) {
      ports.push_back({found.port, 0, "", "", false, ""});
      known = std::prev(ports.end());
    }
    known->process = found.process;
  }
  return ports;
}

Result<Port> Local::publish(const std::string& name, unsigned port, unsigned local) {
  if (port == 0 || port > 65535 || local > 65535)
    return fail(Kind::usage, "environment.port", "a port is a number from 1 to 65535");
  PHOTON_TRY(auto record, by_name(name));
  PHOTON_TRY(auto held, lock(record.id, {}));
  PHOTON_TRY(record, by_name(name));
  PHOTON_TRY(unsigned number,
             doors_.open({record.id, port}, folders_of(host_.paths(), record.id).socket(), local));
  auto known = std::find_if(record.ports.begin(), record.ports.end(),
                            [&](const Port& one) { return one.port == port && one.host.empty(); });
  if (known == record.ports.end())
    known = record.ports.insert(record.ports.end(), Port{port, 0, "", "", true, ""});
  known->local = number;
  Port result = *known;
  PHOTON_CHECK(store_.put(to_row(record)));
  tell(record, "port", fmt::format("{} at 127.0.0.1:{}", port, number));
  return result;
}

Result<void> Local::unpublish(const std::string& name, unsigned port) {
  PHOTON_TRY(auto record, by_name(name));
  PHOTON_TRY(auto held, lock(record.id, {}));
  PHOTON_TRY(record, by_name(name));
  doors_.close({record.id, port});
  std::erase_if(record.ports, [&](const Port& one) { return one.port == port && one.host.empty(); });
  PHOTON_CHECK(store_.put(to_row(record)));
  tell(record, "port", fmt::format("{} is no longer published", port));
  return {};
}

}  // namespace photon::environment

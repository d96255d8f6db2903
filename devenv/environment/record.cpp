#include "devenv/environment/record.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace photon::environment {
namespace {

json::array list(const std::vector<std::string>& words) {
  json::array array;
  for (const auto& word : words) array.emplace_back(word);
  return array;
}

std::vector<std::string> words(const json::value& object, std::string_view key) {
  std::vector<std::string> found;
  const auto* value = member(object, key);
  if (value && value->is_array())
    for (const auto& item : value->get_array())
      if (item.is_string()) found.emplace_back(item.get_string().c_str());
  return found;
}

json::object texts_json(const std::map<std::string, std::string>& texts) {
  json::object object;
  for (const auto& [name, text] : texts) object[name] = text;
  return object;
}

std::map<std::string, std::string> texts_from(const json::value& object, std::string_view key) {
  std::map<std::string, std::string> texts;
  if (const auto* all = member(object, key); all && all->is_object())
    for (const auto& [name, text] : all->get_object())
      if (text.is_string()) texts[name] = text.get_string().c_str();
  return texts;
}

/// What few containers have, each left out where it is the default.
void add_limits(json::object& out, const engine::ContainerSpec& spec) {
  if (spec.read_only) out["read_only"] = true;
  if (!spec.sysctls.empty()) out["sysctls"] = texts_json(spec.sysctls);
  if (spec.oom_score_adj != 0) out["oom_score_adj"] = spec.oom_score_adj;
  json::array limits;
  for (const auto& one : spec.rlimits)
    limits.push_back({{"name", one.name},
                      {"soft", static_cast<std::int64_t>(one.soft)},
                      {"hard", static_cast<std::int64_t>(one.hard)}});
  if (!limits.empty()) out["rlimits"] = std::move(limits);
  const auto& most = spec.resources;
  if (most != engine::Resources())
    out["resources"] = json::object{{"memory", most.memory},
                                    {"memory_swap", most.memory_swap},
                                    {"memory_low", most.memory_low},
                                    {"cpu_millis", most.cpu_millis},
                                    {"cpu_shares", most.cpu_shares},
                                    {"cpuset", most.cpuset},
                                    {"pids", most.pids}};
  json::array devices;
  for (const auto& one : spec.devices)
    devices.push_back({{"source", one.source},
                       {"target", one.target},
                       {"type", std::string(1, one.type)},
                       {"major", one.major},
                       {"minor", one.minor},
                       {"mode", one.mode},
                       {"access", one.access}});
  if (!devices.empty()) out["devices"] = std::move(devices);
}

template <class F>
void each(const json::value& object, std::string_view key, F one) {
  const auto* all = member(object, key);
  if (!all || !all->is_array()) return;
  for (const auto& item : all->get_array()) one(item);
}

void take_limits(const json::value& value, engine::ContainerSpec& spec) {
  spec.read_only = flag_or(value, "read_only");
  spec.sysctls = texts_from(value, "sysctls");
  spec.oom_score_adj = static_cast<int>(number_or(value, "oom_score_adj"));
  each(value, "rlimits", [&](const json::value& one) {
    spec.rlimits.push_back({text_or(one, "name"), static_cast<std::uint64_t>(number_or(one, "soft")),
                            static_cast<std::uint64_t>(number_or(one, "hard"))});
  });
  if (const auto* most = member(value, "resources"))
    spec.resources = {static_cast<std::uint64_t>(number_or(*most, "memory")),
                      static_cast<std::uint64_t>(number_or(*most, "memory_swap")),
                      static_cast<std::uint64_t>(number_or(*most, "memory_low")),
                      static_cast<std::uint64_t>(number_or(*most, "cpu_millis")),
                      static_cast<std::uint64_t>(number_or(*most, "cpu_shares")),
                      text_or(*most, "cpuset"),
                      number_or(*most, "pids")};
  each(value, "devices", [&](const json::value& one) {
    auto type = text_or(one, "type", "c");
    spec.devices.push_back({text_or(one, "source"), text_or(one, "target"), type.empty() ? 'c' : type[0],
                            number_or(one, "major"), number_or(one, "minor"),
                            static_cast<std::uint32_t>(number_or(one, "mode")), text_or(one, "access")});
  });
}

json::value container_json(const engine::ContainerSpec& spec) {
  json::array mounts;
  for (const auto& mount : spec.mounts)
    mounts.push_back({{"type", mount.type},
                      {"source", mount.source},
                      {"target", mount.target},
                      {"options", list(mount.options)}});
  json::object out{{"image", spec.image},
                   {"parent", spec.parent},
                   {"labels", texts_json(spec.labels)},
                   {"argv", list(spec.process.argv)},
                   {"env", list(spec.process.env)},
                   {"cwd", spec.process.cwd},
                   {"mounts", std::move(mounts)},
                   {"hostname", spec.hostname},
                   {"privileged", spec.privileged},
                   {"cap_add", list(spec.cap_add)},
                   {"security_opt", list(spec.security_opt)}};
  add_limits(out, spec);
  return out;
}

engine::ContainerSpec container_from(const json::value& value, const std::string& id) {
  engine::ContainerSpec spec;
  spec.id = id;
  spec.image = text_or(value, "image");
  spec.parent = text_or(value, "parent");
  spec.process.argv = words(value, "argv");
  spec.process.env = words(value, "env");
  spec.hostname = text_or(value, "hostname");
  spec.privileged = flag_or(value, "privileged");
  spec.cap_add = words(value, "cap_add");
  spec.security_opt = words(value, "security_opt");
  spec.process.cwd = text_or(value, "cwd", "/");
  spec.labels = texts_from(value, "labels");
  if (const auto* mounts = member(value, "mounts"); mounts && mounts->is_array())
    for (const auto& mount : mounts->get_array())
      spec.mounts.push_back({text_or(mount, "type"), text_or(mount, "source"), text_or(mount, "target"),
                             words(mount, "options")});
  take_limits(value, spec);
  return spec;
}

json::array beside_json(const std::vector<Beside>& all) {
  json::array array;
  for (const auto& one : all)
    array.push_back({{"service", one.service},
                     {"id", one.id},
                     {"image", one.image},
                     {"digest", one.digest},
                     {"container", container_json(one.container)},
                     {"log", one.container.log_file},
                     {"network", one.container.network_namespace},
                     {"grace", one.grace}});
  return array;
}

std::vector<Beside> beside_from(const json::value& object) {
  std::vector<Beside> all;
  const auto* value = member(object, "beside");
  if (!value || !value->is_array()) return all;
  for (const auto& item : value->get_array()) {
    Beside one;
    one.service = text_or(item, "service");
    one.id = text_or(item, "id");
    one.image = text_or(item, "image");
    one.digest = text_or(item, "digest");
    one.grace = number_or(item, "grace");
    if (const auto* container = member(item, "container")) one.container = container_from(*container, one.id);
    one.container.log_file = text_or(item, "log");
    one.container.network_namespace = text_or(item, "network");
    all.push_back(std::move(one));
  }
  return all;
}

json::array ports_json(const std::vector<Port>& ports) {
  json::array all;
  for (const auto& port : ports)
    all.push_back({{"host", port.host},
                   {"port", port.port},
                   {"local", port.local},
                   {"label", port.label},
                   {"protocol", port.protocol},
                   {"configured", port.configured}});
  return all;
}

std::vector<Port> ports_from(const json::value& object) {
  std::vector<Port> ports;
  const auto* value = member(object, "ports");
  if (!value || !value->is_array()) return ports;
  for (const auto& item : value->get_array()) {
    Port port;
    port.host = text_or(item, "host");
    port.port = static_cast<unsigned>(number_or(item, "port"));
    port.local = static_cast<unsigned>(number_or(item, "local"));
    port.label = text_or(item, "label");
    port.protocol = text_or(item, "protocol");
    port.forwarded = true;
    port.configured = flag_or(item, "configured");
    ports.push_back(std::move(port));
  }
  return ports;
}

}  // namespace

store::EnvironmentRow to_row(const Record& record) {
  store::EnvironmentRow row;
  row.id = record.id;
  row.name = record.name;
  row.state = record.state;
  row.owner = record.owner;
  row.source = record.source;
  row.created = record.created;
  row.details = {{"config", record.config},
                 {"configuration", record.configuration},
                 {"labels", list(record.labels)},
                 {"label", record.label},
                 {"local", record.local},
                 {"folder", record.folder},
                 {"cloned", record.cloned},
                 {"trusted", record.trusted},
                 {"trusted_before_build", record.trusted_before_build},
                 {"branch", record.branch},
                 {"mirrors", list(record.mirrors)},
                 {"temporary", record.temporary},
                 {"commit", record.commit},
                 {"key", record.key},
                 {"prebuild", record.prebuild},
                 {"image", record.image},
                 {"container", container_json(record.container)},
                 {"workspace", record.workspace},
                 {"user", record.user},
                 {"uid", record.uid},
                 {"gid", record.gid},
                 {"home", record.home},
                 {"shell", record.shell},
                 {"env", list(record.env)},
                 {"fixed", list(record.fixed)},
                 {"metadata", list(record.metadata)},
                 {"public_keys", list(record.public_keys)},
                 {"hooks_done", list(record.hooks_done)},
                 {"hash", record.hash},
                 {"inputs", texts_json(record.inputs)},
                 {"features", texts_json(record.features)},
                 {"project", record.project},
                 {"beside", beside_json(record.beside)},
                 {"volumes", list(record.volumes)},
                 {"failure", record.failure},
                 {"warnings", list(record.warnings)},
                 {"ports", ports_json(record.ports)}};
  return row;
}

Record from_row(const store::EnvironmentRow& row) {
  Record record;
  record.id = row.id;
  record.name = row.name;
  record.state = row.state;
  record.owner = row.owner;
  record.source = row.source;
  record.created = row.created;
  const auto& details = row.details;
  record.config = text_or(details, "config");
  record.configuration = text_or(details, "configuration");
  record.labels = words(details, "labels");
  record.label = text_or(details, "label");
  record.local = flag_or(details, "local");
  record.folder = text_or(details, "folder");
  record.cloned = flag_or(details, "cloned");
  record.trusted = text_or(details, "trusted");
  record.trusted_before_build = text_or(details, "trusted_before_build");
  record.branch = text_or(details, "branch");
  record.mirrors = words(details, "mirrors");
  record.temporary = flag_or(details, "temporary");
  record.commit = text_or(details, "commit");
  record.key = text_or(details, "key");
  record.prebuild = text_or(details, "prebuild");
  record.image = text_or(details, "image");
  if (const auto* container = member(details, "container"))
    record.container = container_from(*container, row.id);
  record.workspace = text_or(details, "workspace");
  record.user = text_or(details, "user");
  record.uid = static_cast<std::uint32_t>(number_or(details, "uid"));
  record.gid = static_cast<std::uint32_t>(number_or(details, "gid"));
  record.home = text_or(details, "home");
  record.shell = text_or(details, "shell");
  record.env = words(details, "env");
  record.fixed = words(details, "fixed");
  record.metadata = words(details, "metadata");
  record.public_keys = words(details, "public_keys");
  record.hooks_done = words(details, "hooks_done");
  record.hash = text_or(details, "hash");
  record.inputs = texts_from(details, "inputs");
  record.features = texts_from(details, "features");
  record.project = text_or(details, "project");
  record.beside = beside_from(details);
  record.volumes = words(details, "volumes");
  record.failure = text_or(details, "failure");
  record.warnings = words(details, "warnings");
  record.ports = ports_from(details);
  return record;
}

}  // namespace photon::environment

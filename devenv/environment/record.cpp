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

json::value container_json(const engine::ContainerSpec& spec) {
  json::array mounts;
  for (const auto& mount : spec.mounts)
    mounts.push_back({{"type", mount.type},
                      {"source", mount.source},
                      {"target", mount.target},
                      {"options", list(mount.options)}});
  json::object labels;
  for (const auto& [key, value] : spec.labels) labels[key] = value;
  return {{"image", spec.image},           {"parent", spec.parent},
          {"labels", std::move(labels)},   {"argv", list(spec.process.argv)},
          {"env", list(spec.process.env)}, {"mounts", std::move(mounts)},
          {"hostname", spec.hostname},     {"privileged", spec.privileged},
          {"cap_add", list(spec.cap_add)}, {"security_opt", list(spec.security_opt)}};
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
  if (const auto* labels = member(value, "labels"); labels && labels->is_object())
    for (const auto& [key, label] : labels->get_object())
      if (label.is_string()) spec.labels[key] = label.get_string().c_str();
  if (const auto* mounts = member(value, "mounts"); mounts && mounts->is_array())
    for (const auto& mount : mounts->get_array())
      spec.mounts.push_back({text_or(mount, "type"), text_or(mount, "source"), text_or(mount, "target"),
                             words(mount, "options")});
  return spec;
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
  record.volumes = words(details, "volumes");
  record.failure = text_or(details, "failure");
  record.warnings = words(details, "warnings");
  record.ports = ports_from(details);
  return record;
}

}  // namespace photon::environment

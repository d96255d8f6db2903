// A plan as JSON and back. What is a default is left out: a journal row and a golden file stay short.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "devenv/core/digest.hpp"
#include "devenv/spec/reader.hpp"

namespace photon::spec {
namespace {

void put(json::object& out, std::string_view name, const std::string& text) {
  if (!text.empty()) out[name] = text;
}
void put(json::object& out, std::string_view name, bool flag, bool otherwise) {
  if (flag != otherwise) out[name] = flag;
}
template <class List, class F>
void put_list(json::object& out, std::string_view name, const List& list, F one) {
  if (list.empty()) return;
  json::array array;
  for (const auto& item : list) array.push_back(one(item));
  out[name] = std::move(array);
}
json::value as_text(const std::string& text) { return json::string(text); }

json::value mount_json(const PlanMount& mount) {
  json::object out{{"type", mount.type}, {"source", mount.source}, {"target", mount.target}};
  put(out, "readOnly", mount.read_only, false);
  for (const auto& [name, value] : mount.options) {
    auto& options = out["options"];
    if (!options.is_object()) options = json::object();
    options.as_object()[name] = value;
  }
  return out;
}

json::value port_json(const ForwardPort& port) {
  return json::object{{"host", port.host}, {"port", port.port}};
}

json::value attributes_json(const PortAttributes& attributes) {
  json::object out;
  put(out, "label", attributes.label);
  put(out, "protocol", attributes.protocol);
  put(out, "onAutoForward", attributes.on_auto_forward);
  put(out, "requireLocalPort", attributes.require_local_port, false);
  return out;
}

json::value hook_json(const Hook& hook) {
  json::object out;
  put(out, "name", hook.name);
  put(out, "shell", hook.shell);
  put_list(out, "argv", hook.argv, as_text);
  return out;
}

json::value hooks_json(const std::map<Stage, std::vector<Hooks>>& stages) {
  json::object out;
  for (const auto& [stage, layers] : stages)
    put_list(out, property_of(stage), layers, [](const Hooks& hooks) {
      json::array commands;
      for (const auto& hook : hooks) commands.push_back(hook_json(hook));
      return commands;
    });
  return out;
}

template <class V>
json::value variable_json(const std::pair<std::string, V>& variable) {
  if constexpr (std::is_same_v<V, std::string>)
    return json::array{json::string(variable.first), json::string(variable.second)};
  else
    return json::array{json::string(variable.first),
                       variable.second ? json::value(json::string(*variable.second)) : json::value()};
}

json::value feature_json(const FeatureWish& wish) {
  json::object out{{"id", wish.id}};
  put(out, "shorthand", wish.shorthand);
  for (const auto& [name, value] : wish.options) {
    auto& options = out["options"];
    if (!options.is_object()) options = json::object();
    options.as_object()[name] = value;
  }
  return out;
}

json::value secret_json(const DeclaredSecret& secret) {
  json::object out{{"name", secret.name}};
  put(out, "description", secret.description);
  put(out, "documentationUrl", secret.documentation_url);
  return out;
}

json::value build_json(const Build& build) {
  json::object out;
  put(out, "dockerfile", build.dockerfile);
  put(out, "context", build.context);
  put(out, "repository", build.repository);
  for (const auto& [name, value] : build.args) {
    auto& args = out["args"];
    if (!args.is_object()) args = json::object();
    args.as_object()[name] = value;
  }
  put(out, "target", build.target);
  put_list(out, "cacheFrom", build.cache_from, as_text);
  put_list(out, "options", build.options, as_text);
  put(out, "digest", build.digest);
  return out;
}

json::value compose_json(const Compose& compose) {
  json::object out;
  put_list(out, "files", compose.files, as_text);
  put(out, "service", compose.service);
  put_list(out, "runServices", compose.run_services, as_text);
  return out;
}

/// What the container is made from: a change of it needs a rebuild.
void put_container(json::object& out, const Plan& plan) {
  put(out, "image", plan.image);
  if (plan.build) out["build"] = build_json(*plan.build);
  if (plan.compose) out["compose"] = compose_json(*plan.compose);
  put_list(out, "features", plan.features, feature_json);
  put_list(out, "overrideFeatureInstallOrder", plan.feature_order, as_text);
  if (plan.workspace_mount) out["workspaceMount"] = mount_json(*plan.workspace_mount);
  put(out, "workspaceFolder", plan.workspace_folder);
  put_list(out, "mounts", plan.mounts, mount_json);
  put_list(out, "containerEnv", plan.container_env, variable_json<std::string>);
  put(out, "containerUser", plan.container_user);
  put(out, "remoteUser", plan.remote_user);
  put(out, "updateRemoteUserUID", plan.update_remote_user_uid, true);
  put(out, "overrideCommand", plan.override_command, true);
  put(out, "init", plan.init, false);
  put(out, "privileged", plan.privileged, false);
  put_list(out, "capAdd", plan.cap_add, as_text);
  put_list(out, "securityOpt", plan.security_opt, as_text);
  put(out, "hostname", plan.hostname);
  put(out, "network", plan.network);
  put_list(out, "extraHosts", plan.extra_hosts, variable_json<std::string>);
  put_list(out, "dns", plan.dns, as_text);
  put_list(out, "entrypoints", plan.entrypoints, as_text);
}

/// Readers of our own format: what is missing or of another type is the default.
void get(const json::value& from, std::string_view name, std::string& text) {
  text = text_or(from, name, text);
}
void get(const json::value& from, std::string_view name, bool& flag) { flag = flag_or(from, name, flag); }
template <class F>
void each(const json::value& from, std::string_view name, F one) {
  const auto* list = member(from, name);
  if (!list || !list->is_array()) return;
  for (const auto& item : list->as_array()) one(item);
}
template <class F>
void each_member(const json::value& from, std::string_view name, F one) {
  const auto* object = member(from, name);
  if (!object || !object->is_object()) return;
  for (const auto& item : object->as_object()) one(std::string(item.key()), item.value());
}
void get(const json::value& from, std::string_view name, std::vector<std::string>& texts) {
  each(from, name, [&](const json::value& item) {
    if (item.is_string()) texts.emplace_back(item.as_string());
  });
}

json::value requirements_json(const HostRequirements& wanted) {
  return {{"cpus", wanted.cpus}, {"memory", wanted.memory}, {"storage", wanted.storage}, {"gpu", wanted.gpu}};
}
HostRequirements requirements_from(const json::value& from) {
  return {static_cast<unsigned>(number_or(from, "cpus")),
          static_cast<std::uint64_t>(number_or(from, "memory")),
          static_cast<std::uint64_t>(number_or(from, "storage")), flag_or(from, "gpu")};
}

PlanMount mount_from(const json::value& from) {
  PlanMount mount;
  get(from, "type", mount.type);
  get(from, "source", mount.source);
  get(from, "target", mount.target);
  get(from, "readOnly", mount.read_only);
  each_member(from, "options", [&](std::string name, const json::value& value) {
    if (value.is_string()) mount.options[name] = std::string(value.as_string());
  });
  return mount;
}

void get(const json::value& from, std::string_view name, std::vector<ForwardPort>& ports) {
  each(from, name, [&](const json::value& item) {
    ports.push_back({text_or(item, "host"), static_cast<unsigned>(number_or(item, "port"))});
  });
}

PortAttributes attributes_from(const json::value& from) {
  PortAttributes read;
  get(from, "label", read.label);
  get(from, "protocol", read.protocol);
  get(from, "onAutoForward", read.on_auto_forward);
  get(from, "requireLocalPort", read.require_local_port);
  return read;
}

/// Calls `one(name, value or nullopt)` for each [NAME, VALUE].
template <class F>
void each_variable(const json::value& from, std::string_view name, F one) {
  each(from, name, [&](const json::value& item) {
    if (!item.is_array() || item.as_array().size() != 2 || !item.as_array()[0].is_string()) return;
    const auto& value = item.as_array()[1];
    std::optional<std::string> text;
    if (value.is_string()) text = std::string(value.as_string());
    one(std::string(item.as_array()[0].as_string()), std::move(text));
  });
}

FeatureWish feature_from(const json::value& from) {
  FeatureWish wish{text_or(from, "id"), text_or(from, "shorthand"), {}, {}};
  each_member(from, "options", [&](std::string name, const json::value& value) {
    if (value.is_string()) wish.options[name] = std::string(value.as_string());
  });
  return wish;
}

Build build_from(const json::value& from) {
  Build build;
  get(from, "dockerfile", build.dockerfile);
  get(from, "context", build.context);
  get(from, "repository", build.repository);
  each_member(from, "args", [&](std::string name, const json::value& value) {
    if (value.is_string()) build.args[name] = std::string(value.as_string());
  });
  get(from, "target", build.target);
  get(from, "cacheFrom", build.cache_from);
  get(from, "options", build.options);
  get(from, "digest", build.digest);
  return build;
}

Compose compose_from(const json::value& from) {
  Compose compose;
  get(from, "files", compose.files);
  get(from, "service", compose.service);
  get(from, "runServices", compose.run_services);
  return compose;
}

void get_hooks(const json::value& from, Plan& plan) {
  each_member(from, "hooks", [&](const std::string& name, const json::value& layers) {
    auto stage = stage_of(name);
    if (!stage || !layers.is_array()) return;
    for (const auto& layer : layers.as_array()) {
      Hooks hooks;
      if (layer.is_array())
        for (const auto& item : layer.as_array()) {
          Hook hook{text_or(item, "name"), text_or(item, "shell"), {}};
          get(item, "argv", hook.argv);
          hooks.push_back(std::move(hook));
        }
      plan.hooks[*stage].push_back(std::move(hooks));
    }
  });
}

}  // namespace

json::value to_json(const Plan& plan) {
  json::object out;
  put(out, "name", plan.name);
  put_container(out, plan);
  put_list(out, "remoteEnv", plan.remote_env, variable_json<std::optional<std::string>>);
  if (plan.user_env_probe != Plan().user_env_probe) out["userEnvProbe"] = plan.user_env_probe;
  if (!plan.hooks.empty()) out["hooks"] = hooks_json(plan.hooks);
  if (plan.wait_for != Stage::update_content) out["waitFor"] = property_of(plan.wait_for);
  put_list(out, "forwardPorts", plan.forward_ports, port_json);
  put_list(out, "appPorts", plan.app_ports, port_json);
  for (const auto& [port, attributes] : plan.port_attributes) {
    auto& all = out["portsAttributes"];
    if (!all.is_object()) all = json::object();
    all.as_object()[port] = attributes_json(attributes);
  }
  if (!(plan.other_ports == PortAttributes()))
    out["otherPortsAttributes"] = attributes_json(plan.other_ports);
  if (!(plan.requirements == HostRequirements()))
    out["hostRequirements"] = requirements_json(plan.requirements);
  put_list(out, "secrets", plan.secrets, secret_json);
  put_list(out, "runArgs", plan.run_args, as_text);
  put(out, "shutdownAction", plan.shutdown_action);
  if (!plan.customizations.is_null()) out["customizations"] = plan.customizations;
  put_list(out, "said", plan.said, as_text);
  put(out, "localFolder", plan.local_folder);
  put(out, "configFile", plan.config_file);
  put(out, "id", plan.id);
  put(out, "hash", plan.hash);
  return out;
}

Result<Plan> plan_from_json(const json::value& value) {
  if (!value.is_object()) return fail(Kind::corrupt, "spec.plan", "this is no plan");
  Plan plan;
  get(value, "name", plan.name);
  get(value, "image", plan.image);
  if (const auto* build = member(value, "build")) plan.build = build_from(*build);
  if (const auto* compose = member(value, "compose")) plan.compose = compose_from(*compose);
  each(value, "features", [&](const json::value& item) { plan.features.push_back(feature_from(item)); });
  get(value, "overrideFeatureInstallOrder", plan.feature_order);
  if (const auto* mount = member(value, "workspaceMount")) plan.workspace_mount = mount_from(*mount);
  get(value, "workspaceFolder", plan.workspace_folder);
  each(value, "mounts", [&](const json::value& item) { plan.mounts.push_back(mount_from(item)); });
  each_variable(value, "containerEnv", [&](std::string name, std::optional<std::string> text) {
    plan.container_env.emplace_back(std::move(name), text.value_or(""));
  });
  each_variable(value, "remoteEnv", [&](std::string name, std::optional<std::string> text) {
    plan.remote_env.emplace_back(std::move(name), std::move(text));
  });
  get(value, "containerUser", plan.container_user);
  get(value, "remoteUser", plan.remote_user);
  get(value, "updateRemoteUserUID", plan.update_remote_user_uid);
  get(value, "userEnvProbe", plan.user_env_probe);
  get(value, "overrideCommand", plan.override_command);
  get_hooks(value, plan);
  plan.wait_for = stage_of(text_or(value, "waitFor")).value_or(plan.wait_for);
  get(value, "forwardPorts", plan.forward_ports);
  get(value, "appPorts", plan.app_ports);
  each_member(value, "portsAttributes", [&](const std::string& port, const json::value& item) {
    plan.port_attributes[port] = attributes_from(item);
  });
  if (const auto* other = member(value, "otherPortsAttributes")) plan.other_ports = attributes_from(*other);
  get(value, "init", plan.init);
  get(value, "privileged", plan.privileged);
  get(value, "capAdd", plan.cap_add);
  get(value, "securityOpt", plan.security_opt);
  get(value, "hostname", plan.hostname);
  get(value, "network", plan.network);
  each_variable(value, "extraHosts", [&](std::string name, std::optional<std::string> text) {
    plan.extra_hosts.emplace_back(std::move(name), text.value_or(""));
  });
  get(value, "dns", plan.dns);
  if (const auto* wanted = member(value, "hostRequirements")) plan.requirements = requirements_from(*wanted);
  each(value, "secrets", [&](const json::value& item) {
    plan.secrets.push_back(
        {text_or(item, "name"), text_or(item, "description"), text_or(item, "documentationUrl")});
  });
  get(value, "entrypoints", plan.entrypoints);
  get(value, "runArgs", plan.run_args);
  get(value, "shutdownAction", plan.shutdown_action);
  if (const auto* customizations = member(value, "customizations")) plan.customizations = *customizations;
  std::vector<std::string> said;
  get(value, "said", said);
  plan.said.insert(said.begin(), said.end());
  get(value, "localFolder", plan.local_folder);
  get(value, "configFile", plan.config_file);
  get(value, "id", plan.id);
  get(value, "hash", plan.hash);
  return plan;
}

std::string plan_hash(const Plan& plan) {
  json::object out;
  put_container(out, plan);
  // These run once, when the container is made; the later ones are read again at each start.
  auto once = plan.hooks;
  for (auto stage : {Stage::initialize, Stage::post_start, Stage::post_attach}) once.erase(stage);
  out["hooks"] = hooks_json(once);
  return sha256_hex(write_json(out));
}

}  // namespace photon::spec

// The merge rules of the specification ("image metadata"), and the label they come from.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "devenv/spec/reader.hpp"
#include "devenv/spec/variables.hpp"

namespace photon::spec {
namespace {

/// The last one that is not empty wins.
void last(std::string& base, std::string& next) {
  if (!next.empty()) base = std::move(next);
}

template <class T>
void all(std::vector<T>& base, const std::vector<T>& next) {
  for (const auto& item : next) add_new(base, item);
}

template <class V>
void per_name(std::vector<std::pair<std::string, V>>& base,
              const std::vector<std::pair<std::string, V>>& next) {
  for (const auto& [name, value] : next) set_variable(base, name, value);
}

void add_customizations(json::value& base, const json::value& next) {
  if (!next.is_object()) return;
  if (!base.is_object()) base = json::object();
  for (const auto& [tool, values] : next.as_object()) {
    auto& list = base.as_object()[tool];
    if (!list.is_array()) list = json::array();
    for (const auto& value : values.as_array()) list.as_array().push_back(value);
  }
}

/// What only a devcontainer.json has: taken as it is.
void take_own(Plan& base, Plan& next) {
  last(base.name, next.name);
  last(base.image, next.image);
  if (next.build) base.build = std::move(next.build);
  if (next.compose) base.compose = std::move(next.compose);
  if (!next.features.empty()) base.features = std::move(next.features);
  if (!next.feature_order.empty()) base.feature_order = std::move(next.feature_order);
  if (next.workspace_mount) base.workspace_mount = std::move(next.workspace_mount);
  last(base.workspace_folder, next.workspace_folder);
  all(base.app_ports, next.app_ports);
  if (!next.run_args.empty()) base.run_args = std::move(next.run_args);
  if (!next.secrets.empty()) base.secrets = std::move(next.secrets);
  last(base.hostname, next.hostname);
  last(base.network, next.network);
  per_name(base.extra_hosts, next.extra_hosts);
  all(base.dns, next.dns);
  last(base.local_folder, next.local_folder);
  last(base.config_file, next.config_file);
  last(base.id, next.id);
}

/// One entry of the label on top of the entries before it.
Result<Plan> add_entry(Plan base, Node entry, const Variables& variables, const Reading& reading) {
  if (entry.type != Node::Type::object) return base;
  PHOTON_CHECK(substitute(entry, variables, reading.file));
  PHOTON_TRY(auto next, read_properties(entry, reading));
  return overlay(std::move(base), std::move(next));
}

}  // namespace

Plan overlay(Plan base, Plan next) {
  take_own(base, next);
  for (auto& mount : next.mounts) add_mount(base.mounts, std::move(mount));
  per_name(base.container_env, next.container_env);
  per_name(base.remote_env, next.remote_env);
  last(base.container_user, next.container_user);
  last(base.remote_user, next.remote_user);
  last(base.shutdown_action, next.shutdown_action);
  if (next.said.contains("updateRemoteUserUID")) base.update_remote_user_uid = next.update_remote_user_uid;
  if (next.said.contains("overrideCommand")) base.override_command = next.override_command;
  if (next.said.contains("userEnvProbe")) base.user_env_probe = std::move(next.user_env_probe);
  if (next.said.contains("waitFor")) base.wait_for = next.wait_for;
  if (next.said.contains("otherPortsAttributes")) base.other_ports = std::move(next.other_ports);
  for (auto& [stage, hooks] : next.hooks)
    for (auto& hook : hooks) base.hooks[stage].push_back(std::move(hook));
  all(base.forward_ports, next.forward_ports);
  for (auto& [port, attributes] : next.port_attributes) base.port_attributes[port] = std::move(attributes);
  auto& most = base.requirements;
  most.cpus = std::max(most.cpus, next.requirements.cpus);
  most.memory = std::max(most.memory, next.requirements.memory);
  most.storage = std::max(most.storage, next.requirements.storage);
  most.gpu = most.gpu || next.requirements.gpu;
  base.init = base.init || next.init;
  base.privileged = base.privileged || next.privileged;
  all(base.cap_add, next.cap_add);
  all(base.security_opt, next.security_opt);
  for (auto& entrypoint : next.entrypoints) base.entrypoints.push_back(std::move(entrypoint));
  add_customizations(base.customizations, next.customizations);
  base.said.merge(next.said);
  return base;
}

namespace {

/// All entries of one text on top of `base`.
Plan add_entries(Plan base, const Below& below, const Variables& variables, std::vector<Warning>& warnings) {
  auto root = scan(below.text, below.from);
  if (!root) {
    warnings.push_back(
        {root.error().where.value_or(Place{below.from}), root.error().message, "it is ignored"});
    return base;
  }
  Reading reading{below.from, true, true, variables.local_env, &warnings};
  // One object instead of a list is an old label of one entry, or a feature.
  auto entries =
      root->type == Node::Type::list ? std::move(root->items) : std::vector<Node>{std::move(*root)};
  for (auto& entry : entries) {
    auto merged = add_entry(base, std::move(entry), variables, reading);
    if (merged)
      base = std::move(*merged);
    else
      warnings.push_back({Place{below.from}, merged.error().message, "this entry is ignored"});
  }
  return base;
}

}  // namespace

Result<Plan> merge_metadata(Plan plan, const std::vector<Below>& below,
                            const std::function<std::optional<std::string>(const std::string&)>& local_env,
                            std::vector<Warning>& warnings) {
  if (below.empty()) return plan;
  Variables variables{local_env, plan.local_folder, plan.workspace_folder, plan.id};
  if (!variables.local_env)
    variables.local_env = [](const std::string&) { return std::optional(std::string()); };
  Plan base;
  for (const auto& one : below) base = add_entries(std::move(base), one, variables, warnings);
  auto no_mount = !plan.workspace_mount;
  plan = overlay(std::move(base), std::move(plan));
  if (no_mount) plan.workspace_mount.reset();
  plan.hash = plan_hash(plan);
  return plan;
}

Result<Plan> merge_image_metadata(
    Plan plan, const std::string& label,
    const std::function<std::optional<std::string>(const std::string&)>& local_env,
    std::vector<Warning>& warnings) {
  if (label.empty()) return plan;
  return merge_metadata(std::move(plan), {{"the image's devcontainer.metadata", label}}, local_env, warnings);
}

Result<Plan> merge_image_metadata(Plan plan, const std::string& label, std::vector<Warning>& warnings) {
  return merge_image_metadata(std::move(plan), label, {}, warnings);
}

}  // namespace photon::spec

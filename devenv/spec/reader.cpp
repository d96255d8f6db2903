#include "devenv/spec/reader.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "devenv/core/name.hpp"

namespace photon::spec {
namespace {

using Read = Result<void> (*)(const Node&, std::string_view name, const Reading&, Plan&);

template <auto field>
Result<void> text(const Node& node, std::string_view name, const Reading& reading, Plan& plan) {
  PHOTON_TRY(plan.*field, reading.text(node, name));
  return {};
}

template <auto field>
Result<void> flag(const Node& node, std::string_view name, const Reading& reading, Plan& plan) {
  PHOTON_TRY(plan.*field, reading.flag(node, name));
  return {};
}

/// A list of texts as a set in order; one text alone counts as a list of it.
template <auto field>
Result<void> text_set(const Node& node, std::string_view name, const Reading& reading, Plan& plan) {
  if (node.type == Node::Type::text) {
    add_new(plan.*field, node.text);
    return {};
  }
  PHOTON_TRY(auto texts, reading.texts(node, name));
  for (const auto& item : texts) add_new(plan.*field, item);
  return {};
}

template <Result<void> (*read)(const Node&, const Reading&, Plan&)>
Result<void> by(const Node& node, std::string_view, const Reading& reading, Plan& plan) {
  return read(node, reading, plan);
}

Result<void> nothing(const Node&, std::string_view, const Reading&, Plan&) { return {}; }

Result<void> hook(const Node& node, std::string_view name, const Reading& reading, Plan& plan) {
  PHOTON_TRY(auto hooks, hooks_of(node, name, reading));
  if (!hooks.empty()) plan.hooks[*stage_of(name)] = std::move(hooks);
  return {};
}

Result<void> wait_for(const Node& node, std::string_view name, const Reading& reading, Plan& plan) {
  constexpr std::array<std::string_view, 6> words{"initializeCommand",    "onCreateCommand",
                                                  "updateContentCommand", "postCreateCommand",
                                                  "postStartCommand",     "postAttachCommand"};
  PHOTON_TRY(auto word, reading.one_of(node, name, words));
  plan.wait_for = *stage_of(word);
  return {};
}

Result<void> user_env_probe(const Node& node, std::string_view name, const Reading& reading, Plan& plan) {
  constexpr std::array<std::string_view, 4> words{"none", "interactiveShell", "loginShell",
                                                  "loginInteractiveShell"};
  PHOTON_TRY(plan.user_env_probe, reading.one_of(node, name, words));
  return {};
}

Result<void> shutdown_action(const Node& node, std::string_view name, const Reading& reading, Plan& plan) {
  constexpr std::array<std::string_view, 3> words{"none", "stopContainer", "stopCompose"};
  PHOTON_TRY(plan.shutdown_action, reading.one_of(node, name, words));
  return {};
}

Result<void> check_variable_name(const Key& key, const Reading& reading) {
  if (!key.name.empty() && key.name.find_first_of("=\n ") == std::string::npos) return {};
  return fail_at({reading.file, key.line, key.column}, Kind::usage, "spec.type",
                 fmt::format("\"{}\" cannot name an environment variable", shown(key.name)),
                 "a name has no '=' and no blank");
}

/// Texts, numbers and flags as a shell would have them; nullopt for null.
Result<std::optional<std::string>> variable_value(const Node& node, std::string_view name,
                                                  const Reading& reading) {
  switch (node.type) {
    case Node::Type::text:
    case Node::Type::number:
      return node.text;
    case Node::Type::flag:
      return node.flag ? "true" : "false";
    case Node::Type::null:
      return std::nullopt;
    default:
      return reading.wrong(node, name, "an object of texts", R"({"NAME": "value"})");
  }
}

Result<void> container_env(const Node& node, std::string_view name, const Reading& reading, Plan& plan) {
  if (node.type != Node::Type::object)
    return reading.wrong(node, name, "an object of texts", R"({"NAME": "value"})");
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    PHOTON_CHECK(check_variable_name(node.keys[i], reading));
    PHOTON_TRY(auto value, variable_value(node.items[i], name, reading));
    if (!value)
      return reading.wrong(node.items[i], name, "an object of texts", "only remoteEnv can unset a variable");
    if (value->find("${containerEnv:") != value->npos)
      reading.warn(node.items[i],
                   "${containerEnv:…} has no value in containerEnv, for the container is made from it",
                   "remoteEnv can use it");
    set_variable(plan.container_env, node.keys[i].name, *value);
  }
  return {};
}

Result<void> remote_env(const Node& node, std::string_view name, const Reading& reading, Plan& plan) {
  if (node.type != Node::Type::object)
    return reading.wrong(node, name, "an object of texts", R"({"NAME": "value"})");
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    PHOTON_CHECK(check_variable_name(node.keys[i], reading));
    PHOTON_TRY(auto value, variable_value(node.items[i], name, reading));
    set_variable(plan.remote_env, node.keys[i].name, std::move(value));
  }
  return {};
}

Result<void> mounts(const Node& node, std::string_view name, const Reading& reading, Plan& plan) {
  if (node.type != Node::Type::list)
    return reading.wrong(node, name, "a list of mounts", R"(["type=volume,source=data,target=/data"])");
  for (const auto& item : node.items) {
    PHOTON_TRY(auto mount, mount_of(item, name, reading));
    add_mount(plan.mounts, std::move(mount));
  }
  return {};
}

void add_customization(Plan& plan, std::string_view tool, json::value value) {
  if (!plan.customizations.is_object()) plan.customizations = json::object();
  auto& tools = plan.customizations.as_object();
  auto& list = tools[tool];
  if (!list.is_array()) list = json::array();
  list.as_array().push_back(std::move(value));
}

Result<void> customizations(const Node& node, std::string_view name, const Reading& reading, Plan& plan) {
  if (node.type != Node::Type::object)
    return reading.wrong(node, name, "an object", R"({"vscode": {"extensions": []}})");
  for (std::size_t i = 0; i < node.keys.size(); ++i)
    add_customization(plan, node.keys[i].name, to_json(node.items[i]));
  return {};
}

/// Properties of before "customizations", which meant VS Code alone.
Result<void> legacy(const Node& node, std::string_view name, const Reading& reading, Plan& plan) {
  reading.warn(node, fmt::format("\"{}\" is the old place", name),
               fmt::format("customizations.vscode.{}", name));
  add_customization(plan, "vscode", json::object{{name, to_json(node)}});
  return {};
}

Result<void> features(const Node& node, std::string_view name, const Reading& reading, Plan& plan) {
  PHOTON_TRY(plan.features, features_of(node, name, reading));
  return {};
}

struct Property {
  std::string_view name;
  Read read;
  bool in_image = false;  ///< also of an entry in an image's metadata
};

constexpr std::array properties{
    Property{"$schema", nothing},
    Property{"name", text<&Plan::name>},
    Property{"image", text<&Plan::image>},
    Property{"workspaceFolder", nothing},  // read before the others, which may refer to it
    Property{"workspaceMount", nothing},
    Property{"mounts", mounts, true},
    Property{"containerEnv", container_env, true},
    Property{"remoteEnv", remote_env, true},
    Property{"containerUser", text<&Plan::container_user>, true},
    Property{"remoteUser", text<&Plan::remote_user>, true},
    Property{"updateRemoteUserUID", flag<&Plan::update_remote_user_uid>, true},
    Property{"userEnvProbe", user_env_probe, true},
    Property{"overrideCommand", flag<&Plan::override_command>, true},
    Property{"initializeCommand", hook},
    Property{"onCreateCommand", hook, true},
    Property{"updateContentCommand", hook, true},
    Property{"postCreateCommand", hook, true},
    Property{"postStartCommand", hook, true},
    Property{"postAttachCommand", hook, true},
    Property{"waitFor", wait_for, true},
    Property{"forwardPorts", by<read_forward_ports>, true},
    Property{"appPort", by<read_app_port>},
    Property{"portsAttributes", by<read_port_attributes>, true},
    Property{"otherPortsAttributes", by<read_other_ports>, true},
    Property{"init", flag<&Plan::init>, true},
    Property{"privileged", flag<&Plan::privileged>, true},
    Property{"capAdd", text_set<&Plan::cap_add>, true},
    Property{"securityOpt", text_set<&Plan::security_opt>, true},
    Property{"entrypoint", text_set<&Plan::entrypoints>, true},
    Property{"runArgs", by<apply_run_args>},
    Property{"shutdownAction", shutdown_action, true},
    Property{"customizations", customizations, true},
    Property{"extensions", legacy},
    Property{"settings", legacy},
    Property{"devPort", legacy},
    Property{"hostRequirements", by<read_host_requirements>, true},
    Property{"secrets", by<read_secrets>},
    Property{"build", by<read_build>},
    Property{"dockerFile", by<read_docker_file>},
    Property{"context", by<read_context>},
    Property{"dockerComposeFile", by<read_compose_file>},
    Property{"service", by<read_service>},
    Property{"runServices", by<read_run_services>},
    Property{"features", features},
    Property{"overrideFeatureInstallOrder", text_set<&Plan::feature_order>},
};

const Property* find_property(std::string_view name) {
  for (const auto& property : properties)
    if (property.name == name) return &property;
  return nullptr;
}

Result<void> unknown(const Key& key, const Reading& reading) {
  std::vector<std::string_view> names;
  for (const auto& property : properties) names.push_back(property.name);
  auto near = nearest(key.name, names);
  Place place{reading.file, key.line, key.column};
  auto message = fmt::format("unknown property \"{}\"", shown(key.name));
  auto question = near.empty() ? std::string() : fmt::format("did you mean \"{}\"? ", near);
  if (!reading.allow_unknown)
    return fail_at(std::move(place), Kind::usage, "spec.unknown", std::move(message),
                   question + "It would be ignored as it stands; --allow-unknown to go on.");
  reading.warnings->push_back({std::move(place), std::move(message), question + "It is ignored."});
  return {};
}

}  // namespace

tl::unexpected<Error> Reading::wrong(const Node& node, std::string_view property, std::string_view expected,
                                     std::string hint) const {
  if (!hint.empty()) hint = fmt::format("for example {}", hint);
  return fail_at(node.place(file), Kind::usage, "spec.type",
                 fmt::format("\"{}\" must be {}", property, expected), std::move(hint));
}

Result<std::string> Reading::text(const Node& node, std::string_view property) const {
  if (node.type == Node::Type::text) return node.text;
  return wrong(node, property, "a text", fmt::format(R"("{}": "…")", property));
}

Result<bool> Reading::flag(const Node& node, std::string_view property) const {
  if (node.type == Node::Type::flag) return node.flag;
  return wrong(node, property, "true or false");
}

Result<std::vector<std::string>> Reading::texts(const Node& node, std::string_view property) const {
  constexpr auto expected = "a list of texts";
  if (node.type != Node::Type::list)
    return wrong(node, property, expected, fmt::format(R"("{}": ["…"])", property));
  std::vector<std::string> texts;
  for (const auto& item : node.items) {
    if (item.type != Node::Type::text) return wrong(item, property, expected);
    texts.push_back(item.text);
  }
  return texts;
}

Result<std::string> Reading::one_of(const Node& node, std::string_view property,
                                    std::span<const std::string_view> words) const {
  PHOTON_TRY(auto word, text(node, property));
  if (std::find(words.begin(), words.end(), word) != words.end()) return word;
  auto near = nearest(word, words);
  return fail_at(node.place(file), Kind::usage, "spec.type",
                 fmt::format("\"{}\" cannot be \"{}\"", property, shown(word)),
                 near.empty() ? fmt::format("one of {}", fmt::join(words, ", "))
                              : fmt::format("did you mean \"{}\"?", near));
}

namespace {

/// One property into the plan. In an image's metadata a fault is a warning.
Result<void> read_one(const Property& property, const Node& node, const Reading& reading, Plan& plan) {
  // Into a copy: a list that is wrong half-way leaves nothing behind.
  Plan next = plan;
  auto done = property.read(node, property.name, reading, next);
  if (!done && !reading.image) return done;
  if (!done) {
    reading.warnings->push_back({Place{reading.file}, done.error().message, "it is left out"});
    return {};
  }
  plan = std::move(next);
  plan.said.emplace(property.name);
  return {};
}

}  // namespace

Result<Plan> read_properties(const Node& root, const Reading& reading) {
  Plan plan;
  const Node* run_args = nullptr;
  for (std::size_t i = 0; i < root.keys.size(); ++i) {
    const auto* property = find_property(root.keys[i].name);
    if (reading.image && (!property || !property->in_image)) continue;
    if (!property) {
      PHOTON_CHECK(unknown(root.keys[i], reading));
    } else if (property->name == "runArgs") {
      run_args = &root.items[i];
    } else if (property->name == "entrypoint" && !reading.image) {
      reading.warn(root.items[i], "\"entrypoint\" belongs into a feature",
                   "it is ignored, as other tools do");
    } else {
      PHOTON_CHECK(read_one(*property, root.items[i], reading, plan));
    }
  }
  // Last, for docker run takes them after what the other properties ask for.
  if (run_args) PHOTON_CHECK(read_one(*find_property("runArgs"), *run_args, reading, plan));
  return plan;
}

}  // namespace photon::spec

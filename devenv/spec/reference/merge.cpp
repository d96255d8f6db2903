#include "devenv/spec/reference/merge.hpp"

#include <array>

#include "devenv/spec/reference/tolerant.hpp"

namespace photon::spec::reference {
namespace {

constexpr std::array<std::string_view, 24> of_file{"onCreateCommand",
                                                   "updateContentCommand",
                                                   "postCreateCommand",
                                                   "postStartCommand",
                                                   "postAttachCommand",
                                                   "waitFor",
                                                   "customizations",
                                                   "mounts",
                                                   "containerEnv",
                                                   "containerUser",
                                                   "init",
                                                   "privileged",
                                                   "capAdd",
                                                   "securityOpt",
                                                   "remoteUser",
                                                   "userEnvProbe",
                                                   "remoteEnv",
                                                   "overrideCommand",
                                                   "portsAttributes",
                                                   "otherPortsAttributes",
                                                   "forwardPorts",
                                                   "shutdownAction",
                                                   "updateRemoteUserUID",
                                                   "hostRequirements"};
constexpr std::array<std::string_view, 12> of_feature{"onCreateCommand",
                                                      "updateContentCommand",
                                                      "postCreateCommand",
                                                      "postStartCommand",
                                                      "postAttachCommand",
                                                      "init",
                                                      "privileged",
                                                      "capAdd",
                                                      "securityOpt",
                                                      "entrypoint",
                                                      "mounts",
                                                      "customizations"};
constexpr std::array<std::string_view, 3> changeable{"remoteUser", "userEnvProbe", "remoteEnv"};
constexpr std::array<std::string_view, 5> hooks{"onCreateCommand", "updateContentCommand",
                                                "postCreateCommand", "postStartCommand", "postAttachCommand"};
/// What the merge has under another name or in another form.
constexpr std::array<std::string_view, 8> replaced{
    "customizations",    "entrypoint",       "onCreateCommand",   "updateContentCommand",
    "postCreateCommand", "postStartCommand", "postAttachCommand", "shutdownAction"};

Value any(const List& entries, std::string_view name) {
  for (const auto& entry : entries)
    if (entry.at(name).truthy()) return true;
  return false;
}

/// The truthy values of all entries.
List collected(const List& entries, std::string_view name) {
  List all;
  for (const auto& entry : entries)
    if (entry.at(name).truthy()) all.push_back(entry.at(name));
  return all;
}

Value unless_empty(List list) { return list.empty() ? Value() : Value(std::move(list)); }

Value last_truthy(const List& entries, std::string_view name) {
  auto all = collected(entries, name);
  return all.empty() ? Value() : all.back();
}

Value last_flag(const List& entries, std::string_view name) {
  Value last;
  for (const auto& entry : entries)
    if (entry.at(name).flag()) last = entry.at(name);
  return last;
}

/// Object.assign({}, …): name by name the last one.
Value assigned(const List& entries, std::string_view name) {
  Object all;
  for (const auto& entry : entries)
    spread(entry.at(name)).each([&](const std::string& member, const Value& value) {
      if (member != "__proto__") all.set(member, value);
    });
  return all;
}

Result<List> without_empty(List entries) {
  List kept;
  for (auto& entry : entries) {
    PHOTON_TRY(auto count, key_count(entry));
    if (count > 0) kept.push_back(std::move(entry));
  }
  return kept;
}

void put(Object& merged, std::string_view name, Value value) {
  if (value.undefined())
    merged.erase(name);
  else
    merged.set(name, std::move(value));
}

}  // namespace

List label_entries(const Value& label, const Tell& tell) {
  const auto* text = label.text();
  if (!text || text->empty()) return {};
  auto parsed = parse_strict(*text);
  if (!parsed) {
    tell("Error parsing image metadata: " + parsed.error().message);
    return {};
  }
  if (auto* list = parsed->list()) return std::move(*list);
  if (parsed->object()) return {std::move(*parsed)};
  tell("Invalid image metadata: " + *text);
  return {};
}

Object picked(const Value& value, std::span<const std::string_view> names) {
  Object some;
  if (const auto* members = value.object())
    for (auto name : names)
      if (const auto* found = members->find(name)) some.set(name, *found);
  return some;
}

Result<List> metadata_entries(List image, const List& feature_sets, const Value& config,
                              std::span<const Pass> passes) {
  auto entries = std::move(image);
  for (const auto& set : feature_sets)
    for (const auto& feature : *set.at("features").list()) {
      Object entry;
      entry.set("id", set.at("sourceInformation").at("userFeatureId"));
      picked(feature, of_feature).each([&](const std::string& name, const Value& value) {
        entry.set(name, value);
      });
      PHOTON_TRY(auto done, substitute(Value(std::move(entry)), passes));
      entries.push_back(std::move(done));
    }
  entries.emplace_back(picked(config, of_file));
  return without_empty(std::move(entries));
}

Result<List> updated_entries(List container, const Value& config) {
  container.emplace_back(picked(config, changeable));
  return without_empty(std::move(container));
}

Result<Value> merged(const Value& config, const List& entries) {
  for (const auto& entry : entries) PHOTON_CHECK(entry.member("init"));
  PHOTON_TRY(auto customizations, merged_customizations(entries));
  auto merged = spread(config);
  for (auto name : replaced) merged.erase(name);
  put(merged, "init", any(entries, "init"));
  put(merged, "privileged", any(entries, "privileged"));
  PHOTON_TRY(auto capabilities, merged_union(entries, "capAdd"));
  put(merged, "capAdd", std::move(capabilities));
  PHOTON_TRY(auto security, merged_union(entries, "securityOpt"));
  put(merged, "securityOpt", std::move(security));
  put(merged, "entrypoints", unless_empty(collected(entries, "entrypoint")));
  PHOTON_TRY(auto mounts, merged_mounts(entries));
  put(merged, "mounts", std::move(mounts));
  put(merged, "customizations", std::move(customizations));
  for (auto hook : hooks) put(merged, std::string(hook) + "s", collected(entries, hook));
  for (auto name : {"waitFor", "remoteUser", "containerUser", "userEnvProbe"})
    put(merged, name, last_truthy(entries, name));
  put(merged, "remoteEnv", assigned(entries, "remoteEnv"));
  put(merged, "containerEnv", assigned(entries, "containerEnv"));
  put(merged, "overrideCommand", last_flag(entries, "overrideCommand"));
  put(merged, "portsAttributes", assigned(entries, "portsAttributes"));
  put(merged, "otherPortsAttributes", last_truthy(entries, "otherPortsAttributes"));
  PHOTON_TRY(auto ports, merged_ports(entries));
  put(merged, "forwardPorts", std::move(ports));
  put(merged, "shutdownAction", last_truthy(entries, "shutdownAction"));
  put(merged, "updateRemoteUserUID", last_flag(entries, "updateRemoteUserUID"));
  PHOTON_TRY(auto requirements, merged_requirements(entries));
  put(merged, "hostRequirements", std::move(requirements));
  return merged;
}

}  // namespace photon::spec::reference

#include "devenv/spec/reference/lock.hpp"

#include <algorithm>

#include "devenv/spec/reference/paths.hpp"
#include "devenv/spec/reference/text.hpp"
#include "devenv/spec/reference/tolerant.hpp"

namespace photon::spec::reference {
namespace {

bool left_out(const std::string& id, const Value& config, const Value& additional) {
  bool named = config.at("features").object() && config.at("features").object()->has(id);
  return !named && additional.object() && additional.object()->has(id);
}

Value entry_of(const Value& set, bool registry) {
  const Value source = set.at("sourceInformation"), feature = set.at("features").at("0");
  const Value& package = source.at("featureRef");
  const Value& digest = set.at("computedDigest");
  Object entry;
  entry.set("version", feature.at("version"));
  entry.set("resolved", registry ? Value(fmt::format("{}/{}@{}", package.at("registry").to_text(),
                                                     package.at("path").to_text(), digest.to_text()))
                                 : source.at("tarballUri"));
  entry.set("integrity", digest);
  if (feature.at("dependsOn").truthy()) {
    List needs;
    for (auto& name : spread(feature.at("dependsOn")).names()) needs.emplace_back(std::move(name));
    if (!needs.empty()) entry.set("dependsOn", std::move(needs));
  }
  return entry;
}

}  // namespace

std::string lock_path(std::string_view config_path) {
  bool hidden = base_name(config_path).starts_with('.');
  return joined({folder_of(config_path), hidden ? ".devcontainer-lock.json" : "devcontainer-lock.json"});
}

Value make_lock(const Value& features_configuration, const Value& config, const Value& additional) {
  std::vector<std::pair<std::string, Value>> entries;
  const Value sets = features_configuration.at("featureSets");
  if (sets.list())
    for (const auto& set : *sets.list()) {
      const Value source = set.at("sourceInformation");
      auto type = source.at("type").to_text(), id = source.at("userFeatureId").to_text();
      bool registry = type == "oci";
      if ((!registry && type != "direct-tarball") || left_out(id, config, additional)) continue;
      entries.emplace_back(id, entry_of(set, registry));
    }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return compare_locale(a.first, b.first) < 0; });
  Object features, lock;
  for (auto& [id, entry] : entries) features.set(id, std::move(entry));
  lock.set("features", std::move(features));
  return lock;
}

Result<std::optional<Value>> read_lock(const std::optional<std::string>& bytes, const std::string& path) {
  if (!bytes) return std::optional<Value>();
  auto text = decoded(*bytes);
  if (text.find_first_not_of(" \t\r\n\v\f") == text.npos) return std::optional<Value>();
  auto read = parse_strict(text);
  if (!read)
    return fail_at({path}, Kind::failed, "reference.lock",
                   "the lock file is not JSON: " + read.error().message,
                   "remove it, or empty it: a new one is written then");
  return std::optional(std::move(*read));
}

Result<std::optional<std::string>> changed_lock(const Value& lock,
                                                const std::optional<std::string>& old_bytes, LockRule rule) {
  if (rule == LockRule::none) return std::optional<std::string>();
  bool frozen = rule == LockRule::frozen;
  if (frozen && !old_bytes)
    return fail(Kind::failed, "reference.lock", "Lockfile does not exist.",
                "without --frozen-lockfile it is written");
  auto text = write_indented(lock, 2) + "\n";
  if (old_bytes) {
    auto old = parse_strict(decoded(*old_bytes));
    if (old && write_indented(*old, 2) + "\n" == text) return std::optional<std::string>();
  }
  if (frozen)
    return fail(Kind::failed, "reference.lock", "Lockfile does not match.",
                "without --frozen-lockfile it is written anew");
  return std::optional(std::move(text));
}

}  // namespace photon::spec::reference

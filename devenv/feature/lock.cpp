#include "devenv/feature/lock.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "devenv/core/digest.hpp"
#include "devenv/core/json.hpp"
#include "devenv/core/name.hpp"
#include "devenv/spec/reader.hpp"
#include "devenv/spec/reference/lock.hpp"
#include "devenv/spec/reference/text.hpp"

namespace photon::feature {
namespace {

using spec::Node;

Result<Locked> locked_of(const std::string& id, const Node& node, const spec::Reading& reading) {
  Locked locked;
  if (node.type != Node::Type::object)
    return reading.wrong(node, id, "an object",
                         R"({"version": "1.0.0", "resolved": "…", "integrity": "sha256:…"})");
  for (auto [name, to] : {std::pair("version", &locked.version), std::pair("resolved", &locked.resolved),
                          std::pair("integrity", &locked.integrity)})
    if (const auto* text = node.find(name)) {
      PHOTON_TRY(*to, reading.text(*text, name));
    }
  if (const auto* needed = node.find("dependsOn")) {
    PHOTON_TRY(locked.depends_on, reading.texts(*needed, "dependsOn"));
  }
  const auto* integrity = node.find("integrity");
  if (!is_sha256_digest(locked.integrity))
    return reading.wrong(integrity ? *integrity : node, "integrity", "sha256: and 64 digits",
                         "delete the entry to have it looked up anew");
  return locked;
}

}  // namespace

std::string lock_path(const std::string& config_path) { return spec::reference::lock_path(config_path); }

Result<Lock> parse_lock(std::string_view text, const std::string& file) {
  Lock lock;
  if (text.find_first_not_of(" \t\r\n") == text.npos) return lock;
  PHOTON_TRY(auto root, spec::scan(text, file));
  std::vector<spec::Warning> ignored;
  spec::Reading reading{file, true, false, {}, &ignored};
  const auto* features = root.type == Node::Type::object ? root.find("features") : nullptr;
  if (!features || features->type != Node::Type::object)
    return reading.wrong(features ? *features : root, "features", "an object",
                         "empty the file to have it written anew");
  for (std::size_t i = 0; i < features->keys.size(); ++i) {
    PHOTON_TRY(lock[features->keys[i].name], locked_of(features->keys[i].name, features->items[i], reading));
  }
  return lock;
}

std::string write_lock(const Lock& lock) {
  std::vector<const Lock::value_type*> sorted;
  for (const auto& entry : lock) sorted.push_back(&entry);
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
    return spec::reference::compare_locale(a->first, b->first) < 0;
  });
  json::object features;
  for (const auto* entry : sorted) {
    const auto& [id, locked] = *entry;
    json::object one{
        {"version", locked.version}, {"resolved", locked.resolved}, {"integrity", locked.integrity}};
    if (!locked.depends_on.empty()) {
      json::array ids;
      for (const auto& needed : locked.depends_on) ids.emplace_back(needed);
      one["dependsOn"] = std::move(ids);
    }
    features[id] = std::move(one);
  }
  return write_json_pretty(json::object{{"features", std::move(features)}});
}

}  // namespace photon::feature

// A prebuild as the journal keeps it.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "devenv/environment/prebuilds.hpp"

namespace photon::environment {

store::PrebuildRow to_row(const Prebuild& prebuild) {
  json::array mirrors;
  for (const auto& mirror : prebuild.mirrors) mirrors.emplace_back(mirror);
  json::object features;
  for (const auto& [name, digest] : prebuild.features) features[name] = digest;
  store::PrebuildRow row;
  row.id = prebuild.id;
  row.key = prebuild.key;
  row.ready = prebuild.ready;
  row.owner = prebuild.owner;
  row.source = prebuild.source;
  row.created = prebuild.created;
  row.used = prebuild.used;
  row.details = {{"label", prebuild.label},
                 {"branch", prebuild.branch},
                 {"commit", prebuild.commit},
                 {"config", prebuild.config},
                 {"image", prebuild.image},
                 {"features", std::move(features)},
                 {"uid", prebuild.uid},
                 {"gid", prebuild.gid},
                 {"mirrors", std::move(mirrors)},
                 {"layer_bytes", prebuild.layer_bytes},
                 {"source_bytes", prebuild.source_bytes}};
  return row;
}

Prebuild prebuild_of(const store::PrebuildRow& row) {
  const auto& details = row.details;
  Prebuild prebuild;
  prebuild.id = row.id;
  prebuild.key = row.key;
  prebuild.ready = row.ready;
  prebuild.owner = row.owner;
  prebuild.source = row.source;
  prebuild.created = row.created;
  prebuild.used = row.used;
  prebuild.label = text_or(details, "label");
  prebuild.branch = text_or(details, "branch");
  prebuild.commit = text_or(details, "commit");
  prebuild.config = text_or(details, "config");
  prebuild.image = text_or(details, "image");
  if (const auto* features = member(details, "features"); features && features->is_object())
    for (const auto& [name, digest] : features->get_object())
      if (digest.is_string()) prebuild.features[name] = digest.get_string().c_str();
  prebuild.uid = static_cast<std::uint32_t>(number_or(details, "uid"));
  prebuild.gid = static_cast<std::uint32_t>(number_or(details, "gid"));
  if (const auto* mirrors = member(details, "mirrors"); mirrors && mirrors->is_array())
    for (const auto& mirror : mirrors->get_array())
      if (mirror.is_string()) prebuild.mirrors.emplace_back(mirror.get_string().c_str());
  prebuild.layer_bytes = static_cast<std::uint64_t>(number_or(details, "layer_bytes"));
  prebuild.source_bytes = static_cast<std::uint64_t>(number_or(details, "source_bytes"));
  return prebuild;
}

}  // namespace photon::environment

#include "devenv/feature/image_label.hpp"

#include "devenv/core/fd.hpp"
#include "devenv/spec/reference/legacy.hpp"
#include "devenv/spec/reference/merge.hpp"
#include "devenv/spec/reference/text.hpp"
#include "devenv/spec/reference/tolerant.hpp"

namespace photon::feature {
namespace {

using spec::reference::List;
using spec::reference::Object;
using spec::reference::Value;

/// A feature as merge.hpp has sets of them.
Result<Value> as_set(const Feature& feature, bool leave_out_customizations) {
  PHOTON_TRY(auto bytes, read_file(feature.files + "/" + metadata_file));
  PHOTON_TRY(auto parsed, spec::reference::parse_tolerant(spec::reference::decoded(bytes)));
  PHOTON_TRY(auto said, spec::reference::move_old_feature_properties(std::move(parsed.value)));
  if (leave_out_customizations)
    if (auto* members = said.object()) members->erase("customizations");
  Object source;
  source.set("userFeatureId", feature.wish.id);
  Object set;
  set.set("sourceInformation", std::move(source));
  set.set("features", List{std::move(said)});
  return Value(std::move(set));
}

}  // namespace

Result<std::string> image_label(const LabelParts& parts) {
  auto entries = spec::reference::label_entries(parts.base, [](std::string_view) {});
  List sets;
  for (const auto& feature : parts.features) {
    PHOTON_TRY(auto set, as_set(feature, parts.leave_out_customizations));
    sets.push_back(std::move(set));
  }
  PHOTON_TRY(auto configuration,
             spec::reference::parse_tolerant(spec::reference::decoded(parts.configuration)));
  if (configuration.value.object()) {
    PHOTON_TRY(configuration.value, spec::reference::move_old_properties(std::move(configuration.value)));
  }
  PHOTON_TRY(entries, spec::reference::metadata_entries(std::move(entries), sets, configuration.value, {}));
  if (entries.empty()) return std::string();
  // Its lines in a Dockerfile end in a backslash: what is left of each end is a blank.
  std::string label = "[";
  for (const auto& entry : entries) label += (label.size() > 1 ? ", " : " ") + spec::reference::write(entry);
  return label + " ]";
}

}  // namespace photon::feature

#include "devenv/spec/reference/outdated.hpp"

#include <algorithm>

#include "devenv/spec/reference/text.hpp"
#include "devenv/spec/reference/tolerant.hpp"
#include "devenv/spec/reference/versions.hpp"

namespace photon::spec::reference {
namespace {

struct Published {
  std::string tag;
  Version version;
};

/// Newest first; tags that are no versions are left out.
std::vector<Published> published(const PackageName& name, const FeatureInputs& inputs) {
  std::vector<Published> all;
  auto tags = inputs.packages.tags(name);
  if (!tags) return all;
  for (auto& tag : *tags)
    if (auto version = parse_version(tag)) all.push_back({std::move(tag), std::move(*version)});
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return compare_versions(a.version, b.version) < 0; });
  std::reverse(all.begin(), all.end());
  return all;
}

Result<Value> major_of(const Value& version) {
  if (!version.truthy()) return version;
  auto parsed = version.text() ? parse_version(*version.text()) : std::nullopt;
  if (!parsed) return type_error("Invalid Version: " + version.to_text());
  return Value(std::to_string(parsed->major));
}

Result<Value> version_in(const Value& lock, const std::string& id) {
  if (!lock.truthy()) return Value();
  PHOTON_TRY(const auto* features, lock.member("features"));
  PHOTON_TRY(const auto* entry, features->member(id));
  return entry->at("version");
}

/// What a package says of itself that is named by its digest.
Result<Value> version_behind(const std::string& id, const FeatureInputs& inputs) {
  auto open = inputs;
  open.lock = {};
  PHOTON_TRY(auto source, read_feature_id(id, open));
  PHOTON_CHECK(look_up(source, open));
  if (source.kind != FeatureKind::registry) return Value();
  PHOTON_TRY(auto metadata, metadata_of(source, open));
  return metadata.at("version");
}

Result<Value> row_of(const std::string& id, const PackageName& name, const FeatureInputs& inputs) {
  auto versions = published(name, inputs);
  PHOTON_TRY(auto locked, version_in(inputs.lock, id));
  auto wanted = locked;
  auto newest = versions.empty() ? Value() : Value(versions.front().tag);
  if (name.tag && !name.tag->empty()) {
    auto found = std::find_if(versions.begin(), versions.end(), [&](const auto& one) {
      return *name.tag == "latest" || is_of(one.version, *name.tag);
    });
    wanted = found == versions.end() ? Value() : Value(found->tag);
  } else if (name.digest && !wanted.truthy()) {
    PHOTON_TRY(wanted, version_behind(id, inputs));
  }
  Object row;
  row.set("current", locked.truthy() ? locked : wanted);
  row.set("wanted", wanted);
  PHOTON_TRY(auto wanted_major, major_of(wanted));
  row.set("wantedMajor", std::move(wanted_major));
  row.set("latest", newest);
  PHOTON_TRY(auto newest_major, major_of(newest));
  row.set("latestMajor", std::move(newest_major));
  return row;
}

/// Cells two blanks apart, each as wide as the widest of its column; no blanks at the end.
std::string table(const std::vector<std::vector<std::string>>& rows) {
  auto width = [](const std::string& cell) { return code_units(cell).size(); };
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += row[i] + std::string(widths[i] - width(row[i]) + (i + 1 < row.size() ? 2 : 0), ' ');
    text += (text.empty() ? "" : "\n") + line.substr(0, line.find_last_not_of(' ') + 1);
  }
  return text;
}

}  // namespace

Result<Value> versions_of_features(const Value& config, const FeatureInputs& inputs) {
  Object rows, answer;
  Result<void> failed;
  auto features = config.at("features").truthy() ? spread(config.at("features")) : Object();
  features.each([&](const std::string& id, const Value&) {
    auto name = parse_package_name(id, [](std::string_view) {});
    if (!failed || !name) return;
    auto row = row_of(id, *name, inputs);
    if (row)
      rows.set(id, std::move(*row));
    else
      failed = tl::unexpected(std::move(row.error()));
  });
  PHOTON_CHECK(std::move(failed));
  answer.set("features", std::move(rows));
  return answer;
}

std::string versions_table(const Value& versions) {
  std::vector<std::vector<std::string>> rows{{"Feature", "Current", "Wanted", "Latest"}};
  spread(versions.at("features")).each([&](const std::string& id, const Value& row) {
    std::vector<std::string> cells{without_version(id)};
    for (auto column : {"current", "wanted", "latest"})
      cells.push_back(row.at(column).undefined() ? "-" : row.at(column).to_text());
    rows.push_back(std::move(cells));
  });
  return table(rows);
}

}  // namespace photon::spec::reference

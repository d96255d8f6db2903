// The reference's merge: entries of the image's label, of features and of the file, each property by its
// rule.
#pragma once
#include <span>

#include "devenv/spec/reference/package_name.hpp"
#include "devenv/spec/reference/substitute.hpp"
#include "devenv/spec/reference/value.hpp"

namespace photon::spec::reference {

/// The entries of a `devcontainer.metadata` label, as they stand in it. A broken label is told, and none.
List label_entries(const Value& label, const Tell& tell);

/// Members of `value` that `names` lists, in the order of `names`.
Object picked(const Value& value, std::span<const std::string_view> names);

/// All entries in their order: those of the image (substituted already), of the features (as installed), of
/// the file. Empty ones are dropped.
Result<List> metadata_entries(List image, const List& feature_sets, const Value& config,
                              std::span<const Pass> passes);
/// Of an existing container that has a label and was found by its id labels: what the file may still change.
Result<List> updated_entries(List container, const Value& config);

/// "mergedConfiguration"
Result<Value> merged(const Value& config, const List& entries);

// merge_lists.cpp
Result<Value> merged_union(const List& entries, std::string_view name);
Result<Value> merged_mounts(const List& entries);
Result<Value> merged_ports(const List& entries);
Result<Value> merged_customizations(const List& entries);

// requirements.cpp
Result<Value> merged_requirements(const List& entries);

}  // namespace photon::spec::reference

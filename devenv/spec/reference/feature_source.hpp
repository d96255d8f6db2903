// Where a feature comes from: what its id means, and what is known of it before it is opened.
#pragma once
#include "devenv/spec/reference/packages.hpp"

namespace photon::spec::reference {

/// What of the world features are looked up in.
struct FeatureInputs {
  std::string config_path;   ///< of the devcontainer.json; "" = there is none
  std::string workspace;     ///< local features lie in its .devcontainer
  std::string store_folder;  ///< the name of the reference's temporary folder; it is not made
  std::function<Result<std::string>(const std::string& path)> read;
  Packages packages;
  Value lock;  ///< the lock file; undefined: none counts
  Tell tell;
};

enum class FeatureKind { local, registry, archive, github };

struct FeatureSource {
  FeatureKind kind = FeatureKind::local;
  std::string user_id;    ///< as it was written
  std::string place;      ///< what two of them are compared by: folder, address, resource, id without version
  std::string id;         ///< the first guess; what the feature says of itself counts more
  PackageName package{};  ///< of kind registry
  PackageManifest manifest{};
  Value manifest_value{};

  /// "sourceInformation"
  [[nodiscard]] Value information() const;
};

/// What the id says by itself; one of kind registry is not yet looked up. An error: it is no id, or of a
/// feature that is not taken.
Result<FeatureSource> read_feature_id(const std::string& written, const FeatureInputs& inputs);

/// The manifest of one of kind registry, at the lock's digest if it has one; without a manifest it becomes
/// one of kind github, or an error.
Result<void> look_up(FeatureSource& source, const FeatureInputs& inputs);

/// The same, but one without a manifest stays as it is.
Result<void> look_up_package(FeatureSource& source, const FeatureInputs& inputs);

/// What the feature says of itself before it is installed: the manifest's annotation, or its document.
/// Undefined: nothing, or it is not to be had yet.
Result<Value> metadata_of(const FeatureSource& source, const FeatureInputs& inputs);

/// One of kind registry, opened.
Result<PackageContent> package_content(const FeatureSource& source, const FeatureInputs& inputs);

/// The digest that the lock names for this id or address; "" = none.
Result<std::string> locked_digest(const FeatureInputs& inputs, const std::string& id);

/// "Feature 'X' could not be processed: …"
tl::unexpected<Error> could_not_process(const std::string& id, std::string_view why, std::string hint = {});

}  // namespace photon::spec::reference

// Packages of others: names, manifests, documents, lock files.
#include "devenv/core/digest.hpp"
#include "devenv/spec/reference/features.hpp"
#include "devenv/spec/reference/lock.hpp"
#include "devenv/spec/reference/outdated.hpp"
#include "devenv/spec/reference/tolerant.hpp"
#include "devenv/spec/reference/versions.hpp"
#include "tests/fuzz/target.hpp"

namespace photon::fuzz {
namespace {

using namespace spec::reference;

/// One input is every manifest, every document, and the lock file.
FeatureInputs world_of(std::string_view input) {
  FeatureInputs inputs;
  inputs.config_path = "/w/.devcontainer/devcontainer.json";
  inputs.workspace = "/w";
  inputs.store_folder = "/s";
  inputs.read = [input](const std::string&) -> Result<std::string> { return std::string(input); };
  inputs.packages.manifest = [input](const PackageName& name,
                                     const std::string& version) -> Result<std::optional<PackageManifest>> {
    expect(name.registry.find_first_of("/@?# \t\n") == name.registry.npos, "a host is safe in an address");
    expect(name.path.find("..") == name.path.npos && name.path.find("//") == name.path.npos,
           "a path is safe in an address");
    (void)version;
    return std::optional(PackageManifest{std::string(input), sha256_digest(input)});
  };
  inputs.packages.tags = [input](const PackageName&) {
    return std::optional(std::vector{std::string(input)});
  };
  auto content = [input]() -> Result<PackageContent> {
    return PackageContent{sha256_digest(input), {{std::string(feature_document), std::string(input)}}};
  };
  inputs.packages.layer = [=](const PackageName&, const std::string&) { return content(); };
  inputs.packages.archive = [=](const std::string&) { return content(); };
  inputs.tell = [](std::string_view text) { expect(!text.empty(), "what is told is not empty"); };
  return inputs;
}

}  // namespace

/// The input is the configuration, too.
void packages(std::string_view input) {
  auto parsed = parse_tolerant(input);
  if (!parsed) return;
  auto inputs = world_of(input);
  if (auto lock = read_lock(std::string(input), "lock"); lock && *lock) inputs.lock = **lock;
  const auto& config = parsed->value;
  auto features = features_configuration(config, {}, inputs);
  if (features && !features->undefined()) {
    auto lock = make_lock(*features, config);
    auto text = changed_lock(lock, std::nullopt, LockRule::write);
    expect(text && *text, "a new lock is written");
    expect(!*changed_lock(lock, **text, LockRule::frozen), "what was written is no change");
  }
  auto graph = feature_graph(asked_features(config, {}, false), config.at("overrideFeatureInstallOrder"),
                             Soft::all, inputs);
  if (graph) {
    auto order = install_order(*graph);
    if (order) expect(order->size() == graph->wanted.size(), "each feature has its place");
    if (auto chart = flow_chart(*graph)) expect(chart->starts_with("flowchart\n"), "a chart is one");
  }
  if (auto versions = versions_of_features(config, inputs))
    expect(!versions_table(*versions).empty(), "a table has a title");
}

void package_names(std::string_view input) {
  auto name = parse_package_name(input, [](std::string_view) {});
  if (name) {
    auto again = parse_package_name(
        name->registry + "/" + name->path + (name->digest ? "@" + *name->digest : ":" + name->version),
        [](auto) {});
    expect(again && again->path == name->path && again->version == name->version,
           "a name is read back the same");
  }
  if (auto version = parse_version(input)) {
    expect(compare_versions(*version, *version) == 0, "a version is itself");
    if (version->before.empty())
      expect(is_of(*version, std::to_string(version->major)), "a version is of its major one");
  }
  (void)is_of({1, 2, 3}, input);
}

}  // namespace photon::fuzz

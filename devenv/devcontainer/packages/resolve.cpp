// `features resolve-dependencies`: the graph of a configuration's features and the order that follows from
// it.
#include "devenv/devcontainer/packages/command.hpp"
#include "devenv/spec/reference/features.hpp"
#include "devenv/spec/reference/paths.hpp"

namespace photon::devcontainer {

using namespace spec::reference;

Result<int> features_resolve_dependencies(const Call& call) {
  PHOTON_TRY(auto folder, call.workspace());
  ReadOptions options;
  options.workspace_folder = folder;
  options.mount_git_root = false;
  // The other way round than everywhere else: the single file counts more than the folder.
  auto path = joined({folder, ".devcontainer.json"});
  if (!call.world.is_file(path)) path = joined({folder, ".devcontainer", "devcontainer.json"});
  ConfigPlace place{path, "file"};
  auto workspace = workspace_of(options, call.world);
  PHOTON_TRY(auto read, read_file(place, workspace, options, call.world));
  if (!read)
    return fail(Kind::failed, "reference.no-file", fmt::format("Dev container config ({}) not found.", path));
  CommandConfiguration configuration{place, std::move(*read), feature_inputs(place, workspace, call.world)};
  const auto& config = configuration.configuration.value;
  auto asked = asked_features(config, {}, false);
  if (asked.size() == 0)
    return fail(Kind::failed, "reference.feature", fmt::format("{} asks for no features", path));
  PHOTON_TRY(configuration.inputs.lock, lock_beside(configuration, call));
  PHOTON_TRY(auto graph,
             feature_graph(asked, config.at("overrideFeatureInstallOrder"), Soft::all, configuration.inputs));
  PHOTON_TRY(auto chart, flow_chart(graph));
  PHOTON_CHECK(print(chart + "\n"));
  PHOTON_TRY(auto order, install_order(graph));
  PHOTON_CHECK(print(write_indented(install_order_value(graph, order), 2) + "\n"));
  return 0;
}

}  // namespace photon::devcontainer

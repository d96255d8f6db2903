// `features info`: what a registry has of a feature.
#include "devenv/devcontainer/packages/command.hpp"
#include "devenv/spec/reference/features.hpp"
#include "devenv/spec/reference/tolerant.hpp"

namespace photon::devcontainer {

using namespace spec::reference;

namespace {

/// A title in a frame. Titles are of ASCII.
std::string framed(std::string_view title) {
  std::string line;
  for (std::size_t i = 0; i < title.size(); ++i) line += "─";
  return fmt::format("┌{}┐\n│\x1b[1m{}\x1b[22m│\n└{}┘\n", line, title, line);
}

Result<int> nothing(bool as_json, std::string_view words) {
  PHOTON_CHECK(print(as_json ? "{}\n" : words));
  return 1;
}

Result<void> print_dependencies(const std::string& id, const Call& call) {
  call.log.write(LogLevel::info, fmt::format("Building dependency graph for '{}'...", id));
  Object asked;
  asked.set(id, Object());
  auto inputs = feature_inputs({}, {}, call.world);
  PHOTON_TRY(auto graph, feature_graph(asked, {}, Soft::all, inputs));
  PHOTON_TRY(auto chart, flow_chart(graph));
  return print(framed("Dependency Tree (Render with https://mermaid.live/)") + chart + "\n");
}

}  // namespace

Result<int> features_info(const Call& call) {
  const auto &mode = call.words.positionals[0], &id = call.words.positionals[1];
  PHOTON_TRY(auto format, call.text("output-format", "text"));
  bool as_json = format == "json";
  auto shows = [&](std::string_view what) { return mode == what || mode == "verbose"; };
  auto name = parse_package_name(id, call.world.tell);
  if (!name) {
    // The reference prints the level that it meant for its log.
    PHOTON_CHECK(
        print(as_json ? "{} 3\n" : fmt::format("Failed to parse Feature identifier '{}'\n 5\n", id)));
    return 1;
  }
  PHOTON_TRY(auto source, read_feature_id(id, feature_inputs({}, {}, call.world)));
  PHOTON_CHECK(look_up_package(source, feature_inputs({}, {}, call.world)));
  if (source.manifest.bytes.empty())
    return nothing(as_json, "No manifest found! If this manifest requires authentication, please login.\n");
  Object answer;
  auto canonical = fmt::format("{}@{}", name->resource, source.manifest.digest);
  if (shows("manifest")) {
    answer.set("manifest", source.manifest_value);
    answer.set("canonicalId", canonical);
    if (!as_json)
      PHOTON_CHECK(
          print(fmt::format("{}{}\n\n{}{}\n\n", framed("Manifest"), write_indented(source.manifest_value, 2),
                            framed("Canonical Identifier"), canonical)));
  }
  if (shows("tags")) {
    auto tags = call.world.packages.tags(*name);
    if (!tags || tags->empty())
      return nothing(as_json,
                     fmt::format("No published versions found for feature '{}'\n\n", name->resource));
    answer.set("publishedTags", List(tags->begin(), tags->end()));
    if (!as_json)
      PHOTON_CHECK(print(fmt::format("{}{}\n", framed("Published Tags"), fmt::join(*tags, "\n   "))));
  }
  if (shows("dependencies") && !as_json) PHOTON_CHECK(print_dependencies(id, call));
  if (as_json) PHOTON_CHECK(print(write_indented(answer, 4) + "\n"));
  return 0;
}

}  // namespace photon::devcontainer

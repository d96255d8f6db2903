// Several compose files as one: the rules by which a later one stands on an earlier one.
#pragma once
#include "devenv/compose/yaml.hpp"

namespace photon::compose {

/// `over` on top of `base`, each a whole file. What a file tags !reset is gone, !override takes its place.
yaml::Node merge_files(yaml::Node base, yaml::Node over);
/// The same for one service on top of the one that it extends.
yaml::Node merge_services(yaml::Node base, yaml::Node over);
/// Takes out what is tagged !reset and the tags themselves: nothing is below it any more.
void settle_tags(yaml::Node& node);

/// A list of "NAME=value" (or "NAME") as the map that it stands for; a map stays. Another sign than '=' may
/// divide, too: the first of `signs` that is found.
yaml::Node as_map(yaml::Node node, std::string_view signs = "=");
/// One text as the list of it; null as an empty one.
yaml::Node as_list(yaml::Node node);

/// SOURCE:TARGET:OPTIONS of a volume's short form; a source alone is a target.
struct ShortVolume {
  std::string source;
  std::string target;
  std::string options;
};
ShortVolume short_volume(const std::string& text);

}  // namespace photon::compose

// devcontainer-feature.json: what a feature says of itself.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "devenv/spec/spec.hpp"

namespace photon::feature {

inline constexpr const char* metadata_file = "devcontainer-feature.json";
inline constexpr const char* install_file = "install.sh";

struct Option {
  bool flag = false;                    ///< "type": "boolean"
  std::optional<std::string> fallback;  ///< "default"
  std::vector<std::string> allowed;     ///< "enum"
  bool operator==(const Option&) const = default;
};

struct Metadata {
  std::string id;
  std::string version;
  std::string name;        ///< for people; "" = it has none
  std::string current_id;  ///< of one published under an old name
  std::vector<std::string> legacy_ids;
  std::map<std::string, Option> options;
  std::vector<spec::FeatureWish> depends_on;
  std::vector<std::string> installs_after;
  /// As written: each may name variables of the image and those before it.
  std::vector<std::pair<std::string, std::string>> container_env;
  std::string entry;  ///< what of it belongs below devcontainer.json: an entry of devcontainer.metadata
  bool deprecated = false;
};

/// `file` is what errors call it. Comments and trailing commas are taken, as of a devcontainer.json. What
/// only concerns other tools is not looked at.
Result<Metadata> parse_metadata(std::string_view text, const std::string& file);

}  // namespace photon::feature

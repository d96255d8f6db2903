// From names of files to one tree: read, interpolated, extended, merged.
#pragma once
#include <map>

#include "devenv/compose/compose.hpp"
#include "devenv/compose/dotenv.hpp"
#include "devenv/compose/yaml.hpp"

namespace photon::compose {

/// All that was read, and where a path in it counts from.
struct Tree {
  yaml::Node root;
  std::string name;                            ///< of the project
  std::string folder;                          ///< of the project: the first file's
  Variables dotenv;                            ///< of .env there
  std::map<std::string, std::string> folders;  ///< file, as places call it → where its paths count from
  std::set<std::string> unset;                 ///< variables without a value
};

Result<Tree> read_tree(const Inputs& inputs);

/// Whether a path lies in the repository, which is all that is read of this machine.
bool is_within(const std::string& path, const std::string& repository);
std::string absolute(const std::string& path, const std::string& folder);
/// As messages name it: from `Inputs::local_folder` on.
std::string shown_path(const std::string& path, const Inputs& inputs);
/// A file that a compose file names: kind not_found with `where` if there is none.
Result<std::string> read_named(const std::string& path, std::string_view what, const Place& where,
                               const Inputs& inputs);

/// The environment of whoever asks, then .env.
Lookup lookup_of(const Inputs& inputs, const Variables& dotenv);

}  // namespace photon::compose

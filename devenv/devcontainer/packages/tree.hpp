// A folder as it goes into a package: read within bounds, written as a tar that is the same each time.
#pragma once
#include <string>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::devcontainer {

struct TreeFile {
  std::string name;  ///< relative: "a/b"
  std::string bytes;
  std::string target;  ///< of a symbolic link; empty: it is a file
  bool runs = false;   ///< may be executed
};

struct Tree {
  std::vector<std::string> folders;  ///< sorted
  std::vector<TreeFile> files;       ///< sorted

  TreeFile* find(std::string_view name);
};

/// All below it. What is neither file, folder nor link is an error, and so is more than a package may have.
Result<Tree> read_tree(const std::string& folder);

/// Names of a folder as they are sorted by their bytes.
Result<std::vector<std::string>> names_in(const std::string& folder);

/// No times, owners nor masks of this machine: equal trees are equal bytes. Names begin with "./".
Result<std::string> write_tar(const Tree& tree);

}  // namespace photon::devcontainer

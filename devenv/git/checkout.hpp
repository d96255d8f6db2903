// Files of a tree into an empty folder: twice as fast as libgit2's own, because nothing has to be compared.
#pragma once
#include "devenv/core/work.hpp"
#include "devenv/git/libgit2.hpp"

namespace photon::git {

struct Owner {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};
struct CheckedOut {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};
/// `folder` holds nothing but .git. The index is written with what stat says of each file, so that `git
/// status` has nothing to read.
Result<CheckedOut> checkout(git_repository* repository, const git_oid& commit, const std::string& folder,
                            const Owner& owner, const Work& work);

/// A name that may not appear in a tree: "..", ".git" in any spelling that some file system takes for it.
bool is_forbidden_name(std::string_view name);
/// Whether .gitattributes asks for bytes that differ from the blob's.
bool asks_for_conversion(std::string_view attributes);

}  // namespace photon::git

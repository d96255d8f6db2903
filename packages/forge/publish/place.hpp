// Brings packages and their documents into a repository's folder.
#pragma once
#include <string>
#include <vector>

#include "packages/forge/publish/generation.hpp"
#include "packages/forge/publish/select.hpp"
#include "packages/forge/publish/sign.hpp"

namespace photon::forge {

/// Writes the bytes under that name or not at all; whoever calls forces them to the disk.
Result<void> put(const std::string& path, const std::string& bytes);
bool all_there(const std::string& repository, const Member& member);
/// What is placed already, as `before` says, stays as it is.
Result<std::vector<Member>> place_all(const std::string& repository, const std::vector<Chosen>& chosen,
                                      const std::vector<Signed>& copies, const Generation* before,
                                      Store& store, const Work& work);
/// The list of all documents with their digests: a file of repodata, so that its signature covers them.
std::string list_documents(const std::vector<Member>& members);

}  // namespace photon::forge

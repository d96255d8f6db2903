// One conversation with a remote: its refs, then the objects that are missing.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "devenv/git/git.hpp"
#include "devenv/git/mirror.hpp"

namespace photon::git {

struct FetchRequest {
  git_repository* repository = nullptr;
  std::string url;
  std::string ref;  ///< as in Source: it is fetched first, so that an interruption leaves something of use
  std::string commit;
  std::string label;
  const Credentials& credentials;
  /// Called after each pack that arrived whole, with every ref whose objects are there.
  std::function<Result<void>(const std::vector<Tip>& tips, const std::string& head)> stored;
};
struct Fetched {
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
};
Result<Fetched> fetch(const FetchRequest& request, const Work& work);

/// "4.1 MB"
std::string shown_bytes(std::uint64_t bytes);

}  // namespace photon::git

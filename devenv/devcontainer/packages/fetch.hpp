// Packages of registries and archives behind addresses: fetched once in a run, within bounds, and checked.
#pragma once
#include <memory>

#include "devenv/devcontainer/packages/auth.hpp"

namespace photon::devcontainer {

inline constexpr std::size_t most_package_bytes = 64 << 20;
inline constexpr std::uint64_t most_unpacked_bytes = 256 << 20;

class Fetch {
 public:
  Fetch(Auth auth, Log& log);
  ~Fetch();
  /// What the pure library asks by; *this outlives it.
  spec::reference::Packages packages();
  /// The bytes of a layer, checked.
  Result<std::string> layer_bytes(const spec::reference::PackageName& name, const std::string& digest);
  /// The repository of that package, for pushing to it.
  image::Registry& repository(const spec::reference::PackageName& name);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace photon::devcontainer

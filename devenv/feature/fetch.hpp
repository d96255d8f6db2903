// From registries and web servers into the store.
#pragma once
#include "devenv/core/work.hpp"
#include "devenv/feature/id.hpp"
#include "devenv/feature/store.hpp"

namespace photon::feature {

/// Where features come from and go to.
struct Sources {
  const Store& store;
  const image::RegistryOptions& registries;
  const image::Logins& logins;
};

/// What one source gives, by digest.
struct Fetched {
  std::string digest;
  std::string files;  ///< folder
};

class Fetcher {
 public:
  Fetcher(Sources sources, const Work& work) : sources_(sources), work_(work) {}

  /// Of a registry or an archive. With `locked`, a digest, that and nothing else; without a request if it is
  /// in the store.
  Result<Fetched> fetch(const Id& id, const std::string& locked) const;

 private:
  Result<Fetched> from_registry(const Id& id, const std::string& wanted) const;
  Result<Fetched> from_archive(const Id& id, const std::string& locked) const;
  Result<Fetched> unpacked(Store::Draft draft, const Id& id, const std::string& digest) const;
  Sources sources_;
  const Work& work_;
};

}  // namespace photon::feature

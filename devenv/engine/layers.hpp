// Layers that are made here, by running something on top of others: what containerd calls committed
// snapshots. Blocking, safe from several threads.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::engine {

struct Layer {
  std::string key;
  std::string parent;  ///< the layer or the image's chain below it
  std::map<std::string, std::string> labels;
  std::uint64_t size = 0;  ///< bytes
};

/// A layer is kept from the moment it is made until it is let go; what a container or another layer stands on
/// outlives that.
class Layers {
 public:
  virtual ~Layers() = default;
  /// Whether it is there; from then on it is kept.
  virtual Result<bool> keep(const std::string& key) = 0;
  /// What that container, whose task has gone, wrote becomes the layer `key` on top of what it started from.
  /// One of that name that is there already is fine. The container has no root file system any more.
  virtual Result<void> commit(const std::string& container, const std::string& key,
                              const std::map<std::string, std::string>& labels) = 0;
  /// Those with that label.
  virtual Result<std::vector<Layer>> list(const std::string& label) = 0;
  /// The next collection takes it unless something stands on it.
  virtual Result<void> let_go(const std::string& key) = 0;
};

}  // namespace photon::engine

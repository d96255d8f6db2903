// The packages that a build root may be made of, and which of them a recipe's needs come to.
#pragma once
#include <mutex>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "packages/forge/store/store.hpp"

namespace photon::forge {

struct Candidate {
  std::string nevra{};  ///< "zlib-1.3.1-1.x86_64"
  std::string path{}, sha256{};
  bool operator==(const Candidate&) const = default;
};
using Universe = std::vector<Candidate>;

/// "zlib-devel-1.3.1-1.x86_64" → "zlib-devel"
std::string name_of(const std::string& nevra);

/// Their binary packages.
Universe universe_of(const std::vector<Built>& builds, const Store& store);
/// `ours` replace those of `imports` that have their names.
Universe replaced(const Universe& imports, const Universe& ours);

/// Solves once for each (requirements, universe); answers are kept in the store.
class Roots {
 public:
  explicit Roots(Store& store) : store_(store) {}
  /// Sorted by nevra. Safe from several threads, one after the other.
  Result<Universe> solve(const std::string& arch, const Universe& universe,
                         std::vector<std::string> requirements);

 private:
  Store& store_;
  std::mutex mutex_;
};

}  // namespace photon::forge

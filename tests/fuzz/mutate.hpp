// Damage as strangers do it, the same in every run: bits, bytes, numbers at their ends, pieces cut, doubled
// and taken from other inputs.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace photon::fuzz {

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : state_(seed * 2 + 1) {}
  /// One of the inputs with one to eight edits, at most 64 KiB.
  std::string next(const std::vector<std::string>& inputs);

 private:
  void edit(std::string& text, const std::string& other);
  /// Below `limit`; 0 for 0.
  std::size_t below(std::size_t limit);

  std::uint64_t state_;
};

}  // namespace photon::fuzz

// Which environment has which address: a symbolic link per address, `<folder>/addresses/10.87.3.2` → id.
// Making one is atomic, so that two daemons never give the same address; nothing has to be flushed to a disk.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::network {

struct Subnet {
  std::uint32_t base = 0;  ///< host byte order
  unsigned prefix = 16;
  [[nodiscard]] std::uint64_t size() const { return std::uint64_t{1} << (32 - prefix); }
  [[nodiscard]] std::uint32_t gateway() const { return base + 1; }
  bool operator==(const Subnet&) const = default;
};

/// Whether they have an address in common.
bool overlap(const Subnet& one, const Subnet& other);
std::string subnet_text(const Subnet& subnet);
/// `wanted` if it is free of `taken`, else the next free one of the private ranges, smaller where it must be.
/// Routes for half of the internet and more, as VPNs set for "everything", count as default routes.
Result<Subnet> choose_subnet(const Subnet& wanted, const std::vector<Subnet>& taken);
/// "10.87.0.0/16"; from /8 to /29.
Result<Subnet> parse_subnet(const std::string& text);
std::string address_text(std::uint32_t address);
std::optional<std::uint32_t> parse_address(const std::string& text);
/// FNV-1a: the same on every machine and in every version.
std::uint32_t hash_of(std::string_view text);

class Addresses {
 public:
  Addresses(std::string folder, Subnet subnet) : folder_(std::move(folder)), subnet_(subnet) {}
  [[nodiscard]] std::optional<std::uint32_t> find(const std::string& id) const;
  /// The one it has, else the one that its id points to, else the next free one: an environment that is
  /// stopped and started has mostly the same address again.
  Result<std::uint32_t> claim(const std::string& id);
  Result<void> release(const std::string& id);

 private:
  std::string folder_;
  Subnet subnet_;
};

}  // namespace photon::network

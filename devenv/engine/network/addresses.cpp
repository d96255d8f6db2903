#include "devenv/engine/network/addresses.hpp"

#include <arpa/inet.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "devenv/core/fd.hpp"

namespace photon::network {

std::uint32_t hash_of(std::string_view text) {
  std::uint32_t hash = 2166136261u;
  for (unsigned char byte : text) hash = (hash ^ byte) * 16777619u;
  return hash;
}

std::string address_text(std::uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
}

std::optional<std::uint32_t> parse_address(const std::string& text) {
  in_addr address{};
  if (::inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

Result<Subnet> parse_subnet(const std::string& text) {
  auto slash = text.find('/');
  auto base = parse_address(text.substr(0, slash));
  Subnet subnet;
  if (slash != text.npos) {
    const char* end = text.data() + text.size();
    auto [at, error] = std::from_chars(text.data() + slash + 1, end, subnet.prefix);
    if (error != std::errc() || at != end) base.reset();
  }
  if (!base || slash == text.npos || subnet.prefix < 8 || subnet.prefix > 29 || *base % subnet.size() != 0)
    return fail(Kind::usage, "network.subnet", fmt::format("{} is no subnet for environments", text),
                "write one like 10.87.0.0/16, from /8 to /29");
  subnet.base = *base;
  return subnet;
}

std::string subnet_text(const Subnet& subnet) {
  return fmt::format("{}/{}", address_text(subnet.base), subnet.prefix);
}

bool overlap(const Subnet& one, const Subnet& other) {
  return std::uint64_t{one.base} < other.base + other.size() &&
         std::uint64_t{other.base} < one.base + one.size();
}

Result<Subnet> choose_subnet(const Subnet& wanted, const std::vector<Subnet>& taken) {
  constexpr unsigned everything = 4;
  auto free = [&](const Subnet& subnet) {
    return std::none_of(taken.begin(), taken.end(), [&](const Subnet& other) {
      return other.prefix >= everything && overlap(subnet, other);
    });
  };
  if (free(wanted)) return wanted;
  // The parts of the private ranges that other tools choose last.
  constexpr std::array ranges = {Subnet{0x0a400000, 10}, Subnet{0xac100000, 12}, Subnet{0xc0a80000, 16},
                                 Subnet{0x64400000, 10}};
  for (const auto& range : ranges) {
    Subnet tried{0, std::max(wanted.prefix, range.prefix + 4)};
    auto count = range.size() / tried.size();
    auto first = wanted.base / tried.size() % count;
    for (std::uint64_t step = 0; step < count; ++step) {
      tried.base = static_cast<std::uint32_t>(range.base + (first + step) % count * tried.size());
      if (free(tried)) return tried;
    }
  }
  return fail(Kind::conflict, "network.subnet-taken", "this machine has routes for all private addresses",
              "remove one of them (ip route), or end the VPN that set it");
}

std::optional<std::uint32_t> Addresses::find(const std::string& id) const {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    std::error_code unreadable;
    if (std::filesystem::read_symlink(entry.path(), unreadable).native() != id || unreadable) continue;
    auto address = parse_address(entry.path().filename().native());
    // After a change of the subnet an old address is worth nothing.
    if (address && *address - subnet_.base < subnet_.size()) return address;
  }
  return std::nullopt;
}

Result<std::uint32_t> Addresses::claim(const std::string& id) {
  if (auto known = find(id)) return *known;
  // Not the network, the gateway and the broadcast address.
  auto usable = static_cast<std::uint32_t>(subnet_.size() - 3);
  std::uint32_t first = hash_of(id) % usable;
  for (std::uint32_t tried = 0; tried < usable; ++tried) {
    std::uint32_t address = subnet_.base + 2 + (first + tried) % usable;
    if (::symlink(id.c_str(), fmt::format("{}/{}", folder_, address_text(address)).c_str()) == 0)
      return address;
    if (errno != EEXIST) return fail_errno("claim an address in " + folder_, errno);
  }
  return fail(Kind::conflict, "network.full", "no address is left for another environment",
              "delete environments, or set a larger subnet");
}

Result<void> Addresses::release(const std::string& id) {
  while (auto address = find(id))
    if (::unlink(fmt::format("{}/{}", folder_, address_text(*address)).c_str()) < 0 && errno != ENOENT)
      return fail_errno("release an address", errno);
  return {};
}

}  // namespace photon::network

#include "devenv/core/name.hpp"

#include <sys/random.h>

#include <numeric>

namespace photon {
namespace {

bool plain(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
constexpr std::size_t longest = 40;

/// Letters left out, added, changed, or two of them swapped: one each.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before;
  std::vector<std::size_t> above(b.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> row(b.size() + 1, i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = std::exchange(above, std::move(row));
  }
  return above[b.size()];
}

}  // namespace

std::string shown(std::string_view text, std::size_t most) {
  std::string out;
  for (unsigned char c : text) {
    if (out.size() >= most) return out + "…";
    if (c < 0x20 || c == 0x7f)
      out += fmt::format("\\x{:02x}", c);
    else
      out += static_cast<char>(c);
  }
  return out;
}

Result<void> check_name(std::string_view name) {
  bool good = !name.empty() && name.size() <= longest && name[0] != '-' &&
              std::all_of(name.begin(), name.end(), [](char c) { return plain(c) || c == '-'; });
  if (good) return {};
  return fail(Kind::usage, "name.invalid", fmt::format("\"{}\" cannot be a name", shown(name)),
              fmt::format("1 to {} of a-z, 0-9 and -, not first a -; perhaps {}", longest, name_from(name)));
}

std::string name_from(std::string_view text) {
  while (text.ends_with('/')) text.remove_suffix(1);
  if (auto slash = text.rfind('/'); slash != text.npos) text.remove_prefix(slash + 1);
  if (text.ends_with(".git")) text.remove_suffix(4);
  std::string name;
  for (char c : text) {
    char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (plain(lower))
      name += lower;
    else if (!name.empty() && name.back() != '-')
      name += '-';
    if (name.size() == longest) break;
  }
  while (name.ends_with('-')) name.pop_back();
  return name.empty() ? "environment" : name;
}

std::string random_id() {
  unsigned char bytes[8];
  if (::getrandom(bytes, sizeof bytes, 0) != sizeof bytes) std::abort();
  std::string text;
  for (unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

std::string nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (auto candidate : candidates)
    if (auto far = distance(word, candidate); far < least) {
      least = far;
      best = candidate;
    }
  return std::string(best);
}

}  // namespace photon

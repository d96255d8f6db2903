#include "devenv/devcontainer/image_name.hpp"

#include <fmt/format.h>

#include "devenv/core/digest.hpp"
#include "devenv/spec/reference/paths.hpp"

namespace photon::devcontainer {
namespace {

bool one_of(std::string_view text, std::size_t at, std::string_view characters) {
  return at < text.size() && characters.find(text[at]) != characters.npos;
}

/// How many characters at `at` are dots, underscores and dashes in an order that a name may not have, up to
/// the first wrong one; 0 = none.
std::size_t wrong_run(std::string_view text, std::size_t at) {
  if (text[at] == '.' && one_of(text, at + 1, "._-")) return 2;
  if (text[at] == '_' && one_of(text, at + 1, ".-")) return 2;
  if (text.substr(at).starts_with("__") && one_of(text, at + 2, "._-")) return 3;
  if (text[at] != '-') return 0;
  auto end = text.find_first_not_of('-', at);
  return end != text.npos && one_of(text, end, "._") ? end + 1 - at : 0;
}

std::string as_image_name(std::string_view text) {
  std::string kept;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-') kept += c;
  }
  std::string name;
  for (std::size_t at = 0; at < kept.size();) {
    auto run = wrong_run(kept, at);
    if (run == 0) {
      name += kept[at++];
      continue;
    }
    name.append(kept, at, run - 1);
    at += run;
    while (one_of(kept, at, "._-")) ++at;
  }
  return name;
}

}  // namespace

std::string folder_image_name(const std::string& folder) {
  return as_image_name(fmt::format("vsc-{}-{}", spec::reference::base_name(folder), sha256_hex(folder)));
}

}  // namespace photon::devcontainer

// What a tree may call its files: the repository comes from a stranger.
#include "devenv/git/checkout.hpp"

namespace photon::git {
namespace {

/// HFS+ ignores these code points in names: U+200C–F, U+202A–E, U+206A–F, U+FEFF.
std::size_t ignored_at(std::string_view text) {
  if (text.size() < 3) return 0;
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) == 0xe2 && byte(1) == 0x80 &&
      ((byte(2) >= 0x8c && byte(2) <= 0x8f) || (byte(2) >= 0xaa && byte(2) <= 0xae)))
    return 3;
  if (byte(0) == 0xe2 && byte(1) == 0x81 && byte(2) >= 0xaa && byte(2) <= 0xaf) return 3;
  return byte(0) == 0xef && byte(1) == 0xbb && byte(2) == 0xbf ? 3 : 0;
}

}  // namespace

bool is_forbidden_name(std::string_view name) {
  if (name.empty() || name == "." || name == "..") return true;
  std::string plain;
  for (std::size_t i = 0; i < name.size() && plain.size() < 6;) {
    if (auto skip = ignored_at(name.substr(i)); skip > 0) {
      i += skip;
      continue;
    }
    char c = name[i++];
    if (c == ':' || c == '\\') break;  // NTFS: a stream of .git, or a folder's separator
    plain += c >= 'A' && c <= 'Z' ? char(c + 32) : c;
  }
  while (plain.ends_with(' ') || (plain.ends_with('.') && plain.size() > 1)) plain.pop_back();
  return plain == ".git" || plain == "git~1";
}

bool asks_for_conversion(std::string_view text) {
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.starts_with('#')) continue;
    // Line ends stay as they are unless crlf is asked for; filters such as LFS are for the git inside.
    for (std::string_view word : {"eol=crlf", " ident", "\tident", "crlf=", "working-tree-encoding="})
      if (line.find(word) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace photon::git

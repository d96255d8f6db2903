#include "packages/forge/build/providers.hpp"

#include <fnmatch.h>

#include <fmt/format.h>

#include <algorithm>

#include "packages/rpm/package.hpp"

namespace photon::forge {
namespace {

/// /bin/sh and /usr/bin/sh are one: all of our roots have a merged /usr.
std::string merged(std::string_view path) {
  for (std::string_view folder : {"/bin/", "/sbin/", "/lib/", "/lib64/"})
    if (path.starts_with(folder)) return fmt::format("/usr{}", path);
  return std::string(path);
}

bool wild(std::string_view text) { return text.find_first_of("*?[") != text.npos; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

/// "pkgconfig(zlib)" → zlib
std::string_view inner(std::string_view text, std::string_view word) {
  if (!text.starts_with(word) || text.size() < word.size() + 3 || text[word.size()] != '(' ||
      !text.ends_with(')'))
    return {};
  return text.substr(word.size() + 1, text.size() - word.size() - 2);
}

void once(std::vector<std::size_t>& list, std::size_t recipe) {
  if (std::find(list.begin(), list.end(), recipe) == list.end()) list.push_back(recipe);
}

/// How surely a line of %files is (or holds) the file that makes pkgconfig(NAME) or cmake(NAME): 0 not at
/// all.
int likeness(std::string_view kind, std::string_view name, const std::string& pattern,
             std::string_view package) {
  auto at = pattern.rfind(kind == "cmake" ? "/cmake/" : "/pkgconfig/");
  if (at == pattern.npos) return 0;
  auto tail = std::string_view(pattern).substr(pattern.find('/', at + 1) + 1);
  if (kind == "cmake") {
    auto folder = lower(tail.substr(0, tail.find('/')));
    if (folder == lower(name)) return 3;
    return folder != "*" && wild(folder) && ::fnmatch(folder.c_str(), lower(name).c_str(), 0) == 0 ? 2 : 0;
  }
  auto file = fmt::format("{}.pc", name);
  if (tail == file) return 3;
  auto glob = std::string(tail.empty() ? "*" : tail);
  if (!wild(glob) || ::fnmatch(glob.c_str(), file.c_str(), 0) != 0) return 0;
  if (glob[0] != '*' && glob[0] != '?') return 2;
  // "*.pc" could be any: only of a package that is called alike.
  auto stem = package.substr(0, package.rfind("-devel"));
  bool alike = name.find(stem) != name.npos || stem.find(name) != stem.npos;
  return alike ? 1 : 0;
}

}  // namespace

Providers::Providers(std::span<const Recipe> recipes) : recipes_(recipes) {
  for (std::size_t i = 0; i < recipes.size(); ++i)
    for (const auto& package : recipes[i].packages) {
      for (const auto& text : package.provides) {
        auto relation = relation_from(text);
        auto name = relation.name;
        offers_.emplace(std::move(name), Offer{i, std::move(relation)});
      }
      for (const auto& path : package.files) {
        if (path.find("/pkgconfig") != path.npos || path.find("/cmake/") != path.npos)
          config_files_.push_back({i, path, package.name});
        if (wild(path))
          patterns_.push_back({i, merged(path), package.name});
        else
          paths_.emplace(merged(path), i);
      }
    }
}

std::vector<std::size_t> Providers::by_path(const std::string& path) const {
  std::vector<std::size_t> out;
  auto wanted = merged(path);
  for (auto [at, end] = paths_.equal_range(wanted); at != end; ++at) once(out, at->second);
  if (!out.empty()) return out;
  for (const auto& pattern : patterns_)
    if (::fnmatch(pattern.path.c_str(), wanted.c_str(), FNM_PATHNAME) == 0) {
      // "/usr/bin/*" of a hundred packages says nothing; of one that bears the program's name it does.
      auto program = wanted.substr(wanted.rfind('/') + 1);
      auto tail = pattern.path.substr(pattern.path.rfind('/') + 1);
      if (!tail.starts_with('*') || pattern.package == program || recipes_[pattern.recipe].name == program)
        once(out, pattern.recipe);
    }
  return out;
}

std::vector<std::size_t> Providers::by_file(std::string_view kind, std::string_view name) const {
  std::vector<std::size_t> out;
  for (int wanted = 3; wanted > 0 && out.empty(); --wanted)
    for (const auto& one : config_files_)
      if (likeness(kind, name, one.path, one.package) == wanted) once(out, one.recipe);
  return out;
}

std::vector<std::size_t> Providers::of(const Relation& need) const {
  std::vector<const Offer*> offers;
  for (auto [at, end] = offers_.equal_range(need.name); at != end; ++at)
    if (meets(at->second.relation, need)) offers.push_back(&at->second);
  // A package of that name before one that merely provides it, then the newest.
  auto own_name = [&](const Offer* one) {
    const auto& packages = recipes_[one->recipe].packages;
    return std::any_of(packages.begin(), packages.end(),
                       [&](const Subpackage& package) { return package.name == need.name; });
  };
  auto newest = [&](const Offer* a, const Offer* b) {
    if (own_name(a) != own_name(b)) return own_name(a);
    return rpm::compare(rpm::evr_from(a->relation.version), rpm::evr_from(b->relation.version)) > 0;
  };
  std::stable_sort(offers.begin(), offers.end(), newest);
  std::vector<std::size_t> out;
  for (const auto* offer : offers) once(out, offer->recipe);
  if (!out.empty()) return out;
  if (need.name.starts_with('/')) return by_path(need.name);
  for (std::string_view kind : {"pkgconfig", "cmake"})
    if (auto name = inner(need.name, kind); !name.empty()) return by_file(kind, name);
  return out;
}

}  // namespace photon::forge

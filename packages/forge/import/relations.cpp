#include "packages/forge/import/relations.hpp"
#include "devenv/core/text.hpp"

#include <algorithm>
#include <cctype>

namespace photon::forge {
namespace {

std::vector<std::string> split(std::string_view text, char border) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    auto end = text.find(border);
    if (auto part = trimmed(text.substr(0, end)); !part.empty()) parts.emplace_back(part);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return parts;
}

/// "libc6 (>= 2.38)", "perl:any", "python3 [amd64]" → the name.
std::string name_of(const std::string& relation) {
  return relation.substr(0, relation.find_first_of(" (:[<"));
}

/// A shared library by its name: what needs it is found by the ELF generator, with its symbols' versions.
bool is_shared_library(const std::string& deb) {
  if (!deb.starts_with("lib") || deb.ends_with("-dev") || deb.ends_with("-bin") || deb.ends_with("-common"))
    return false;
  std::string name = deb.ends_with("t64") ? deb.substr(0, deb.size() - 3) : deb;
  return std::isdigit(static_cast<unsigned char>(name.back())) != 0;
}

}  // namespace

std::vector<std::vector<std::string>> read_relations(const std::string& text) {
  std::vector<std::vector<std::string>> all;
  for (const auto& clause : split(text, ',')) {
    std::vector<std::string> names;
    for (const auto& alternative : split(clause, '|')) names.push_back(name_of(alternative));
    if (!names.empty()) all.push_back(std::move(names));
  }
  return all;
}

Carried::Carried(const ImportTables& tables, const std::string& arch) {
  for (const auto& recipe : tables.recipes)
    for (const auto& deb : recipe.debs)
      if (recipe.has(arch) && recipe.only.empty()) owners_[deb] = recipe.name;
}

void Carried::also_provides(const std::string& deb, const std::string& provides) {
  auto owner = owners_.find(deb);
  if (owner == owners_.end()) return;
  std::string name = owner->second;
  for (const auto& clause : read_relations(provides)) owners_.emplace(clause.front(), name);
}

std::string Carried::owner_of(const std::string& deb) const {
  auto owner = owners_.find(deb);
  return owner == owners_.end() ? std::string() : owner->second;
}

Relations relations_of(const ImportRecipe& recipe, const std::string& depends, const Carried& carried,
                       const ImportTables& tables) {
  Relations found;
  std::set<std::string> needs(recipe.needs.begin(), recipe.needs.end());
  bool develops = recipe.name.ends_with("-devel");
  for (const auto& clause : read_relations(depends)) {
    std::string owner, deb;
    bool ignored = false;
    for (const auto& name : clause) {
      ignored = ignored || tables.ignored.contains(name) ||
                std::find(recipe.ignore.begin(), recipe.ignore.end(), name) != recipe.ignore.end();
      if (owner = carried.owner_of(name); !owner.empty()) {
        deb = name;
        break;
      }
    }
    if (owner.empty() && !ignored) {
      std::string words;
      for (const auto& name : clause) words += (words.empty() ? "" : " | ") + name;
      found.missing.push_back(std::move(words));
    }
    bool listed = std::find(recipe.ignore.begin(), recipe.ignore.end(), deb) != recipe.ignore.end();
    if (owner.empty() || owner == recipe.name || listed || tables.ignored.contains(deb)) continue;
    // A library's headers need the library itself; programs say so by its soname.
    if (develops || !is_shared_library(deb)) needs.insert(owner);
  }
  found.needs.assign(needs.begin(), needs.end());
  return found;
}

}  // namespace photon::forge

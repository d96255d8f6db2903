#include "packages/forge/import/import_recipe.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "devenv/config/toml.hpp"
#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"

namespace photon::forge {
namespace {

namespace fs = std::filesystem;
using config::Leaf;
using List = std::vector<std::string> ImportRecipe::*;
using Map = std::map<std::string, std::string> ImportRecipe::*;

constexpr std::size_t most_recipes = 10'000;

struct ListField {
  std::string_view name;
  List member;
};
struct MapField {
  std::string_view name;
  Map member;
};
constexpr ListField lists[] = {{"arch", &ImportRecipe::arches},    {"deb", &ImportRecipe::debs},
                               {"drop", &ImportRecipe::drop},      {"ignore", &ImportRecipe::ignore},
                               {"only", &ImportRecipe::only},      {"provides", &ImportRecipe::provides},
                               {"requires", &ImportRecipe::needs}, {"without", &ImportRecipe::without}};
constexpr MapField maps[] = {{"attr", &ImportRecipe::attr}, {"links", &ImportRecipe::links}};
constexpr std::string_view keys[] = {"arch",  "attr", "deb",      "drop",     "group",  "ignore",
                                     "links", "only", "provides", "requires", "without"};

tl::unexpected<Error> wrong(const Place& place, std::string message, std::string hint = {}) {
  return fail_at(place, Kind::usage, "forge.import", std::move(message), std::move(hint));
}

bool is_package_name(const std::string& name) {
  return !name.empty() && name.size() < 128 &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
             "0123456789+-._") == std::string::npos &&
         name.front() != '-' && name.front() != '.';
}

Result<void> set_group(const Leaf& leaf, std::string& group) {
  if (leaf.text != "runtime" && leaf.text != "build")
    return wrong(leaf.place, "\"group\" is \"runtime\" or \"build\"");
  group = leaf.text;
  return {};
}

Result<void> apply(const Leaf& leaf, ImportRecipe& recipe) {
  const std::string& key = leaf.path[1];
  if (key == "group") return set_group(leaf, recipe.group);
  for (const auto& field : lists) {
    if (field.name != key) continue;
    bool one = key == "deb" && leaf.type == Leaf::Type::text;
    if (!one && leaf.type != Leaf::Type::list)
      return wrong(leaf.place, fmt::format("\"{}\" is a list of texts", key));
    recipe.*(field.member) = one ? std::vector{leaf.text} : leaf.list;
    return {};
  }
  for (const auto& field : maps) {
    if (field.name != key) continue;
    if (leaf.path.size() != 3 || leaf.type != Leaf::Type::text || !leaf.path[2].starts_with('/'))
      return wrong(leaf.place, fmt::format("\"{}\" is a table of absolute paths, each with a text", key));
    (recipe.*(field.member))[leaf.path[2]] = leaf.text;
    return {};
  }
  auto near = nearest(key, keys);
  return wrong(
      leaf.place, fmt::format("\"{}\" is nothing that an import may say", shown(key)),
      near.empty() ? "packages/imports/README.md has the words" : fmt::format("did you mean \"{}\"?", near));
}

Result<void> check(const ImportRecipe& recipe) {
  if (recipe.debs.empty()) return wrong(recipe.place, fmt::format("{} has no \"deb\"", shown(recipe.name)));
  for (const auto& deb : recipe.debs)
    if (!is_package_name(deb)) return wrong(recipe.place, fmt::format("{} is no package's name", shown(deb)));
  if (!recipe.only.empty() && recipe.debs.size() != 1)
    return wrong(recipe.place, fmt::format("{} has \"only\" and more than one \"deb\"", recipe.name));
  for (const auto& arch : recipe.arches)
    if (arch != "x86_64" && arch != "aarch64")
      return wrong(recipe.place, fmt::format("{} is no architecture of ours", shown(arch)),
                   "x86_64, aarch64");
  for (const auto& language : recipe.without)
    if (language != "perl" && language != "python")
      return wrong(recipe.place, fmt::format("nothing is known of scripts in {}", shown(language)),
                   "perl, python");
  return {};
}

Result<void> read_ignored(const std::vector<Leaf>& leaves, ImportTables& tables) {
  for (const auto& leaf : leaves) {
    if (leaf.path.size() != 2 || leaf.path[0] != "ignored" || leaf.type != Leaf::Type::text ||
        leaf.text.empty())
      return wrong(leaf.place, "each line of [ignored] is a package and why it is left out");
    tables.ignored[leaf.path[1]] = leaf.text;
  }
  return {};
}

Result<void> read_recipes_of(const std::vector<Leaf>& leaves, ImportTables& tables) {
  std::string group = "runtime";
  std::map<std::string, std::size_t> found;
  for (const auto& leaf : leaves) {
    if (leaf.path.size() == 1 && leaf.path[0] == "group") {
      PHOTON_CHECK(set_group(leaf, group));
      continue;
    }
    const std::string& name = leaf.path[0];
    if (!is_package_name(name)) return wrong(leaf.place, fmt::format("{} is no package's name", shown(name)));
    if (leaf.path.size() < 2)
      return wrong(leaf.place, fmt::format("{} is a table with at least \"deb\"", shown(name)));
    auto [place, fresh] = found.emplace(name, tables.recipes.size());
    if (fresh) {
      if (tables.recipes.size() == most_recipes) return wrong(leaf.place, "too many imports");
      tables.recipes.push_back({.name = name, .group = group, .place = leaf.place});
    }
    PHOTON_CHECK(apply(leaf, tables.recipes[place->second]));
  }
  return {};
}

/// Whether some processor has both.
bool meet(const ImportRecipe& a, const ImportRecipe& b) {
  return (a.has("x86_64") && b.has("x86_64")) || (a.has("aarch64") && b.has("aarch64"));
}

/// A deb goes whole into one recipe, but for the parts that others name by "only".
Result<void> divide(std::vector<ImportRecipe>& recipes) {
  std::multimap<std::string, ImportRecipe*> owners;
  for (auto& recipe : recipes) {
    if (!recipe.only.empty()) continue;
    for (const auto& deb : recipe.debs) {
      auto [first, last] = owners.equal_range(deb);
      for (; first != last; ++first)
        if (meet(*first->second, recipe))
          return wrong(recipe.place, fmt::format("{} is imported twice", deb),
                       fmt::format("once as {}; \"only\" takes a part of it", first->second->name));
      owners.emplace(deb, &recipe);
    }
  }
  for (const auto& part : recipes) {
    if (part.only.empty()) continue;
    auto [first, last] = owners.equal_range(part.debs.front());
    auto whole =
        std::find_if(first, last, [&](const auto& one) { return one.second->arches == part.arches; });
    if (whole == last)
      return wrong(
          part.place,
          fmt::format("{} takes a part of {}, whose rest nothing imports", part.name, part.debs.front()),
          "another line imports it, for the same processors and without \"only\"");
    auto& drop = whole->second->drop;
    drop.insert(drop.end(), part.only.begin(), part.only.end());
  }
  return {};
}

}  // namespace

bool ImportRecipe::has(const std::string& arch) const {
  return arches.empty() || std::find(arches.begin(), arches.end(), arch) != arches.end();
}

bool matches_path(std::string_view pattern, std::string_view path) {
  if (pattern.empty()) return path.empty();
  if (pattern.starts_with("**")) {
    for (std::size_t i = 0; i <= path.size(); ++i)
      if (matches_path(pattern.substr(2), path.substr(i))) return true;
    return false;
  }
  if (pattern.front() == '*') {
    for (std::size_t i = 0; i <= path.size() && (i == 0 || path[i - 1] != '/'); ++i)
      if (matches_path(pattern.substr(1), path.substr(i))) return true;
    return false;
  }
  if (path.empty() || (pattern.front() != path.front() && (pattern.front() != '?' || path.front() == '/')))
    return false;
  return matches_path(pattern.substr(1), path.substr(1));
}

Result<ImportTables> read_import_tables(const std::string& folder) {
  std::error_code error;
  std::set<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().extension() == ".toml" && entry.path().filename() != "lock.toml")
      files.insert(entry.path());
  if (error) return fail_errno("read " + folder, error.value());
  ImportTables tables;
  Sha256 sum;
  for (const auto& file : files) {
    PHOTON_TRY(auto text, read_file(file));
    sum.update(text);
    PHOTON_TRY(auto leaves, config::read_toml(text, file));
    PHOTON_CHECK(fs::path(file).filename() == "ignored.toml" ? read_ignored(leaves, tables)
                                                             : read_recipes_of(leaves, tables));
  }
  std::sort(tables.recipes.begin(), tables.recipes.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  for (std::size_t i = 0; i < tables.recipes.size(); ++i) {
    const auto& recipe = tables.recipes[i];
    PHOTON_CHECK(check(recipe));
    if (i > 0 && tables.recipes[i - 1].name == recipe.name && meet(tables.recipes[i - 1], recipe))
      return wrong(recipe.place, fmt::format("{} is there twice", recipe.name),
                   fmt::format("the other is in {}:{}", tables.recipes[i - 1].place.file,
                               tables.recipes[i - 1].place.line));
  }
  PHOTON_CHECK(divide(tables.recipes));
  tables.digest = sum.hex();
  return tables;
}

}  // namespace photon::forge

#include <algorithm>
#include <filesystem>

#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "packages/forge/recipe/cache.hpp"
#include "packages/forge/recipe/recipe.hpp"
#include "packages/forge/recipe/workers.hpp"

namespace photon::forge {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_specs = 100'000;
constexpr int deepest = 6;

struct Found {
  std::vector<std::string> specs;
  std::vector<std::string> macros;
};

/// NAME.spec at any depth; files called macros or macros.NAME in a folder that has specs, or above them all.
Result<Found> find_specs(const std::string& folder) {
  Found found;
  std::error_code error;
  if (!fs::is_directory(folder, error))
    return fail(Kind::not_found, "forge.specs", fmt::format("there is no folder {}", shown(folder, 300)));
  fs::recursive_directory_iterator walk(folder, fs::directory_options::skip_permission_denied, error), end;
  for (; !error && walk != end; walk.increment(error)) {
    if (walk.depth() >= deepest) walk.disable_recursion_pending();
    std::error_code ignored;
    auto name = walk->path().filename().string();
    if (name.ends_with(".spec") && name.size() > 5 && walk->is_regular_file(ignored))
      found.specs.push_back(walk->path().string());
    if (found.specs.size() > most_specs)
      return fail(Kind::usage, "forge.specs",
                  fmt::format("more than {} specs below {}", most_specs, shown(folder, 300)));
  }
  if (error) return fail_errno("read " + folder, error.value());
  std::sort(found.specs.begin(), found.specs.end());
  return found;
}

Result<Recipe> completed(Result<Recipe> recipe, const Setting& setting) {
  if (recipe) PHOTON_CHECK(complete(*recipe, setting));
  return recipe;
}

Result<std::vector<Result<Recipe>>> read_all_specs(const std::vector<std::string>& specs,
                                                   const ReadOptions& options, const Work& work) {
  PHOTON_TRY(auto setting, setting_of(options));
  std::vector<std::optional<Recipe>> known;
  std::vector<std::string> unknown;
  for (const auto& spec : specs) {
    known.push_back(cached(spec, options, setting));
    if (!known.back()) unknown.push_back(spec);
  }
  PHOTON_TRY(auto parsed, read_in_processes(unknown, options, work));
  std::vector<Result<Recipe>> out;
  std::size_t next = 0;
  for (auto& one : known) {
    Result<Recipe> recipe = one ? Result<Recipe>(std::move(*one)) : std::move(parsed[next]);
    if (!one && recipe) keep(*recipe, options, setting);
    if (!one) ++next;
    out.push_back(completed(std::move(recipe), setting));
  }
  return out;
}

}  // namespace

Result<Recipe> read_recipe(const std::string& spec, const ReadOptions& options) {
  std::error_code error;
  if (!fs::is_regular_file(spec, error))
    return fail(Kind::not_found, "forge.spec", fmt::format("there is no file {}", shown(spec, 300)));
  PHOTON_TRY(auto all, read_all_specs({spec}, options, {}));
  return std::move(all.front());
}

Result<Recipes> read_recipes(const std::string& folder, const ReadOptions& options, const Work& work) {
  PHOTON_TRY(auto found, find_specs(folder));
  PHOTON_TRY(auto all, read_all_specs(found.specs, options, work));
  Recipes out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i])
      out.recipes.push_back(std::move(*all[i]));
    else
      out.unread.push_back({found.specs[i], std::move(all[i].error())});
  }
  std::stable_sort(out.recipes.begin(), out.recipes.end(),
                   [](const Recipe& a, const Recipe& b) { return a.name < b.name; });
  return out;
}

}  // namespace photon::forge

#include "packages/forge/recipe/cache.hpp"

#include <rpm/rpmlib.h>

#include <algorithm>
#include <filesystem>

#include "devenv/core/derived.hpp"
#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "packages/forge/recipe/json.hpp"

namespace photon::forge {
namespace {

constexpr std::size_t most_local = 64 << 20;  // of one patch or unit beside a spec
constexpr int layout = 1;                     // of what is kept: another number, another key

void add(Sha256& sum, std::string_view name, std::string_view bytes) {
  sum.update(fmt::format("{}:{}:{}:", name.size(), name, bytes.size()));
  sum.update(bytes);
}

Result<std::string> sources_text(const std::string& folder) {
  auto text = read_file(folder + "/sources.toml", 1 << 20);
  if (!text && text.error().kind == Kind::not_found) return std::string();
  return text;
}

Result<std::string> key_of(const std::string& spec, const Setting& setting) {
  PHOTON_TRY(auto text, read_file(spec, most_local));
  Sha256 sum;
  add(sum, "setting", setting.digest);
  add(sum, spec, text);
  return sum.hex();
}

/// Names and contents of what Source and Patch lines name beside the spec: %include reads from there, too.
Result<std::string> local_digest(const Recipe& recipe) {
  Sha256 sum;
  for (const auto& name : recipe.files) {
    PHOTON_TRY(auto text, read_file(recipe.folder + "/" + name, most_local));
    add(sum, name, text);
  }
  // One that was not there and now is makes the recipe another.
  for (const auto& name : recipe.missing)
    add(sum, name, std::filesystem::exists(recipe.folder + "/" + name) ? "there" : "");
  return sum.hex();
}

}  // namespace

Result<Setting> setting_of(const ReadOptions& options) {
  Sha256 sum;
  add(sum, "layout", std::to_string(layout));
  add(sum, "rpm", RPMVERSION);
  add(sum, "arch", options.arch);
  for (const auto& one : options.defines) add(sum, "define", one);
  if (options.lenient) add(sum, "lenient", "");
  auto files = options.more_macros;
  if (!options.macros.empty()) files.push_back(options.macros);
  for (const auto& file : files) {
    PHOTON_TRY(auto text, read_file(file));
    add(sum, "macros", text);
  }
  return Setting{sum.hex()};
}

Result<void> complete(Recipe& recipe, const Setting& setting) {
  PHOTON_TRY(auto pins, sources_text(recipe.folder));
  if (!pins.empty()) {
    PHOTON_TRY(auto said, parse_sources(pins, recipe.folder + "/sources.toml"));
    recipe.sources = std::move(said.sources);
    recipe.import_suffices = said.import_suffices;
    recipe.when_asked = said.when_asked;
  }
  std::erase_if(recipe.missing, [&](const std::string& name) {
    return std::any_of(recipe.sources.begin(), recipe.sources.end(),
                       [&](const Source& source) { return source.file == name; });
  });
  PHOTON_TRY(auto text, read_file(recipe.spec, most_local));
  PHOTON_TRY(auto local, local_digest(recipe));
  Sha256 sum;
  add(sum, "setting", setting.digest);
  add(sum, "spec", text);
  add(sum, "sources", pins);
  add(sum, "local", local);
  recipe.digest = sum.hex();
  return {};
}

std::optional<Recipe> cached(const std::string& spec, const ReadOptions& options, const Setting& setting) {
  if (options.cache.empty()) return std::nullopt;
  auto key = key_of(spec, setting);
  if (!key) return std::nullopt;
  auto text = read_file(options.cache + "/" + *key + ".json");
  if (!text) return std::nullopt;
  auto value = parse_json(*text, "the cache");
  if (!value) return std::nullopt;
  const auto* inner = member(*value, "recipe");
  if (!inner) return std::nullopt;
  auto recipe = recipe_from_json(*inner);
  auto local = local_digest(recipe);
  if (!local || *local != text_or(*value, "local") || recipe.spec != spec || recipe.name.empty())
    return std::nullopt;
  return recipe;
}

void keep(const Recipe& recipe, const ReadOptions& options, const Setting& setting) {
  if (options.cache.empty() || !make_directories(options.cache)) return;
  auto key = key_of(recipe.spec, setting);
  auto local = local_digest(recipe);
  if (!key || !local) return;
  json::value value{{"recipe", to_json(recipe)}, {"local", *local}};
  std::ignore = write_derived(options.cache + "/" + *key + ".json", write_json(value));
}

}  // namespace photon::forge

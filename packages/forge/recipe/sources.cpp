#include <algorithm>
#include <array>
#include <sstream>

#include "devenv/config/toml.hpp"
#include "devenv/core/name.hpp"
#include "packages/forge/recipe/recipe.hpp"

namespace photon::forge {
namespace {

using config::Leaf;

constexpr std::size_t most_sources = 1000;

struct Field {
  std::string_view name;
  std::string Source::* member;
};
constexpr std::array fields{Field{"file", &Source::file},         Field{"sha256", &Source::sha256},
                            Field{"url", &Source::url},           Field{"apt", &Source::apt},
                            Field{"apt_file", &Source::apt_file}, Field{"tree", &Source::tree}};

tl::unexpected<Error> wrong(const Place& place, std::string message, std::string hint = {}) {
  return fail_at(place, Kind::usage, "forge.sources", std::move(message), std::move(hint));
}

bool plain_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos &&
         std::none_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

bool sha256_digits(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

/// "cmake devenv docs/man"
bool files_of_a_checkout(const std::string& text) {
  std::istringstream words(text);
  bool some = false;
  for (std::string word; words >> word; some = true)
    if (word.front() == '/' || word.back() == '/' || ("/" + word + "/").find("/../") != std::string::npos)
      return false;
  return some;
}

Result<void> apply(const Leaf& leaf, Source& source) {
  const auto& name = leaf.path[2];
  auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& one) { return one.name == name; });
  if (leaf.path.size() != 3 || field == fields.end()) {
    std::array<std::string_view, fields.size()> names;
    std::transform(fields.begin(), fields.end(), names.begin(), [](const Field& one) { return one.name; });
    auto meant = nearest(name, names);
    return wrong(leaf.place, fmt::format("a source has no \"{}\"", shown(name)),
                 meant.empty() ? "it has file, sha256, url, apt, apt_file, tree"
                               : fmt::format("did you mean \"{}\"?", meant));
  }
  if (leaf.type != Leaf::Type::text)
    return wrong(leaf.place, fmt::format("\"{}\" must be a text in quotes", name));
  if (name == "file" && !plain_name(leaf.text))
    return wrong(leaf.place, "\"file\" must be a name without folder",
                 "it is the name that the spec's Source line has");
  if (name == "sha256" && !sha256_digits(leaf.text))
    return wrong(leaf.place, "\"sha256\" must be 64 hexadecimal digits in lower case",
                 "sha256sum FILE prints them");
  if (name == "apt_file" && !plain_name(leaf.text))
    return wrong(leaf.place, "\"apt_file\" must be a name without folder");
  if (name == "url" && !leaf.text.empty() && !leaf.text.starts_with("https://") &&
      !leaf.text.starts_with("http://"))
    return wrong(leaf.place, "\"url\" must begin with https:// or http://");
  if (name == "tree" && !files_of_a_checkout(leaf.text))
    return wrong(leaf.place, "\"tree\" must be files and folders of this checkout, with blanks between",
                 "an archive is made of those that git tracks");
  source.*(field->member) = leaf.text;
  return {};
}

/// What a source must have, once all of it is read.
Result<void> check(const Source& source, const Place& place) {
  if (source.file.empty())
    return wrong(place, "this source has no \"file\"", "the name that the spec's Source line has");
  if (source.tree.empty() == source.sha256.empty())
    return wrong(place,
                 source.tree.empty() ? fmt::format("{} has no \"sha256\"", shown(source.file))
                                     : fmt::format("{} has both \"tree\" and \"sha256\"", shown(source.file)),
                 source.tree.empty() ? "sha256sum FILE prints the digits"
                                     : "the tree changes with each commit; nothing is pinned");
  if (source.apt.empty() != source.apt_file.empty())
    return wrong(place, fmt::format("{} needs \"apt\" and \"apt_file\", or neither", shown(source.file)));
  return {};
}

Result<void> check_all(const std::vector<Source>& sources, const std::vector<Place>& places) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    PHOTON_CHECK(check(sources[i], places[i]));
    for (std::size_t before = 0; before < i; ++before)
      if (sources[before].file == sources[i].file)
        return wrong(places[i], fmt::format("{} is there twice", shown(sources[i].file)),
                     fmt::format("the first is in line {}", places[before].line));
  }
  return {};
}

}  // namespace

Result<Pins> parse_sources(const std::string& text, const std::string& file) {
  PHOTON_TRY(auto leaves, config::read_toml(text, file));
  Pins out;
  std::vector<Place> places;
  for (const auto& leaf : leaves) {
    if (leaf.path.size() == 1 && leaf.path[0] == "otherwise") {
      if (leaf.text != "import") return wrong(leaf.place, "\"otherwise\" can only be \"import\"");
      out.import_suffices = true;
      continue;
    }
    if (leaf.path.size() == 1 && leaf.path[0] == "when") {
      if (leaf.text != "asked") return wrong(leaf.place, "\"when\" can only be \"asked\"");
      out.when_asked = true;
      continue;
    }
    if (leaf.path.front() != "source")
      return wrong(leaf.place,
                   fmt::format("\"{}\" is nothing that sources.toml may say", shown(leaf.path.front())),
                   "each source is a [[source]] with file, sha256, url");
    if (leaf.type == Leaf::Type::element && leaf.path.size() == 2) {
      if (out.sources.size() == most_sources)
        return wrong(leaf.place, fmt::format("more than {} sources", most_sources));
      out.sources.emplace_back();
      places.push_back(leaf.place);
      continue;
    }
    if (leaf.type == Leaf::Type::empty_table && leaf.path.size() == 2 && !out.sources.empty()) continue;
    if (leaf.path.size() < 3 || out.sources.empty())
      return wrong(leaf.place, "each source is a [[source]], in two brackets");
    PHOTON_CHECK(apply(leaf, out.sources.back()));
  }
  PHOTON_CHECK(check_all(out.sources, places));
  return out;
}

Result<void> check_sources(const Recipe& recipe) {
  if (recipe.missing.empty()) return {};
  return fail_at(
      {recipe.spec, 0, 0}, Kind::not_found, "forge.source",
      fmt::format("{} is neither beside the spec nor in its sources.toml", shown(recipe.missing.front())),
      fmt::format("add it to {}/sources.toml: a [[source]] with file, sha256 and url", recipe.folder));
}

}  // namespace photon::forge

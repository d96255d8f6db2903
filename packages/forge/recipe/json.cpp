#include "packages/forge/recipe/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace photon::forge {
namespace {

json::array texts(const std::vector<std::string>& list) {
  json::array out;
  for (const auto& one : list) out.emplace_back(one);
  return out;
}

std::vector<std::string> texts_of(const json::value& object, std::string_view key) {
  std::vector<std::string> out;
  const auto* list = member(object, key);
  if (!list || !list->is_array()) return out;
  for (const auto& item : list->get_array())
    if (item.is_string()) out.emplace_back(item.get_string());
  return out;
}

const json::array& objects_of(const json::value& object, std::string_view key) {
  static const json::array none;
  const auto* list = member(object, key);
  return list && list->is_array() ? list->get_array() : none;
}

}  // namespace

json::value to_json(const Recipe& recipe) {
  json::array packages, sources;
  for (const auto& one : recipe.packages)
    packages.push_back({{"name", one.name},
                        {"arch", one.arch},
                        {"provides", texts(one.provides)},
                        {"needs", texts(one.needs)},
                        {"files", texts(one.files)}});
  for (const auto& one : recipe.sources)
    sources.push_back({{"file", one.file},
                       {"sha256", one.sha256},
                       {"url", one.url},
                       {"apt", one.apt},
                       {"apt_file", one.apt_file},
                       {"tree", one.tree}});
  return {{"name", recipe.name},
          {"spec", recipe.spec},
          {"folder", recipe.folder},
          {"epoch", recipe.epoch},
          {"version", recipe.version},
          {"release", recipe.release},
          {"license", recipe.license},
          {"url", recipe.url},
          {"summary", recipe.summary},
          {"arch", recipe.arch},
          {"packages", std::move(packages)},
          {"build_requires", texts(recipe.build_requires)},
          {"dynamic_build_requires", recipe.dynamic_build_requires},
          {"sources", std::move(sources)},
          {"import_suffices", recipe.import_suffices},
          {"when_asked", recipe.when_asked},
          {"files", texts(recipe.files)},
          {"missing", texts(recipe.missing)},
          {"assumed", texts(recipe.assumed)},
          {"exclusive_arch", texts(recipe.exclusive_arch)},
          {"digest", recipe.digest}};
}

Recipe recipe_from_json(const json::value& value) {
  Recipe out;
  out.name = text_or(value, "name");
  out.spec = text_or(value, "spec");
  out.folder = text_or(value, "folder");
  out.epoch = text_or(value, "epoch");
  out.version = text_or(value, "version");
  out.release = text_or(value, "release");
  out.license = text_or(value, "license");
  out.url = text_or(value, "url");
  out.summary = text_or(value, "summary");
  out.arch = text_or(value, "arch");
  out.digest = text_or(value, "digest");
  out.dynamic_build_requires = flag_or(value, "dynamic_build_requires");
  out.import_suffices = flag_or(value, "import_suffices");
  out.when_asked = flag_or(value, "when_asked");
  out.build_requires = texts_of(value, "build_requires");
  out.files = texts_of(value, "files");
  out.missing = texts_of(value, "missing");
  out.assumed = texts_of(value, "assumed");
  out.exclusive_arch = texts_of(value, "exclusive_arch");
  for (const auto& one : objects_of(value, "packages"))
    out.packages.push_back({.name = text_or(one, "name"),
                            .arch = text_or(one, "arch"),
                            .provides = texts_of(one, "provides"),
                            .needs = texts_of(one, "needs"),
                            .files = texts_of(one, "files")});
  for (const auto& one : objects_of(value, "sources"))
    out.sources.push_back({.file = text_or(one, "file"),
                           .sha256 = text_or(one, "sha256"),
                           .url = text_or(one, "url"),
                           .apt = text_or(one, "apt"),
                           .apt_file = text_or(one, "apt_file"),
                           .tree = text_or(one, "tree")});
  return out;
}

}  // namespace photon::forge

#include "devenv/devcontainer/packages/collection.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "devenv/core/name.hpp"
#include "devenv/devcontainer/packages/tree.hpp"
#include "devenv/spec/reference/paths.hpp"
#include "devenv/spec/reference/text.hpp"
#include "devenv/spec/reference/tolerant.hpp"

namespace photon::devcontainer {

using namespace spec::reference;

namespace {

bool is_folder(const std::string& path) {
  struct stat found{};
  return ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

std::string document_name(Sort sort) { return fmt::format("devcontainer-{}.json", word_of(sort)); }

tl::unexpected<Error> lacking(const std::string& where, std::string what, std::string hint = {}) {
  return fail_at({where}, Kind::failed, "package.collection", std::move(what), std::move(hint));
}

Result<Value> parsed(const TreeFile& file) {
  PHOTON_TRY(auto read, parse_tolerant(decoded(file.bytes)));
  return std::move(read.value);
}

/// What a template is made of, from its configuration.
Result<std::string> type_of(const Value& config, const std::string& where) {
  const auto* members = config.object();
  if (members && members->has("image")) return std::string("image");
  bool build = members && config.at("build").object() && config.at("build").object()->has("dockerfile");
  if (members && (members->has("dockerFile") || build)) return std::string("dockerfile");
  if (members && members->has("dockerComposeFile")) return std::string("dockerCompose");
  return lacking(where, "its configuration says nothing of an image",
                 "image, build.dockerfile or dockerComposeFile");
}

/// Files of a folder before those of the folders in it.
std::vector<std::string> files_by_folder(const Tree& tree) {
  std::vector<std::string> names;
  for (const auto& file : tree.files) names.push_back(file.name);
  auto folder = [](const std::string& name) {
    return name.substr(0, name.rfind('/') == name.npos ? 0 : name.rfind('/'));
  };
  std::stable_sort(names.begin(), names.end(),
                   [&](const auto& a, const auto& b) { return folder(a) < folder(b); });
  return names;
}

/// "folder/*" becomes the file, if the folder has one alone.
void name_lone_files(Value& optional_paths, const std::vector<std::string>& files) {
  if (!optional_paths.list()) return;
  for (auto& path : *optional_paths.list()) {
    if (!path.text() || path.text()->size() < 3 || !path.text()->ends_with("/*")) continue;
    auto begin = path.text()->substr(0, path.text()->size() - 2);
    std::vector<std::string> inside;
    std::copy_if(files.begin(), files.end(), std::back_inserter(inside),
                 [&](const auto& file) { return file.starts_with(begin); });
    if (inside.size() == 1) path = inside.front();
  }
}

Result<void> complete_template(Tree& tree, const std::string& where) {
  auto* document = tree.find(document_name(Sort::a_template));
  auto* config_file = tree.find(".devcontainer.json");
  if (!config_file) config_file = tree.find(".devcontainer/devcontainer.json");
  if (!config_file) return lacking(where, "the template has no devcontainer.json");
  PHOTON_TRY(auto config, parsed(*config_file));
  PHOTON_TRY(auto said, parsed(*document));
  if (!said.object()) return lacking(where, document_name(Sort::a_template) + " is no object");
  PHOTON_TRY(auto type, type_of(config, where));
  auto files = files_by_folder(tree);
  List features;
  for (const auto& id : spread(config.at("features")).names())
    if (auto name = parse_package_name(id, [](std::string_view) {})) features.emplace_back(name->resource);
  auto& members = *said.object();
  members.set("type", type);
  members.set("files", List(files.begin(), files.end()));
  members.set("fileCount", static_cast<double>(files.size()));
  members.set("featureIds", std::move(features));
  if (auto* optional = members.find("optionalPaths")) name_lone_files(*optional, files);
  document->bytes = write_indented(said, 4);
  return {};
}

/// One that has had other names says which one is today's.
Result<void> complete_feature(Tree& tree) {
  auto* document = tree.find(document_name(Sort::feature));
  PHOTON_TRY(auto said, parsed(*document));
  const Value& old = said.at("legacyIds");
  bool some = (old.list() && !old.list()->empty()) || (old.text() && !old.text()->empty());
  if (!some) return {};
  said.object()->set("currentId", said.at("id"));
  document->bytes = write_indented(said, 4);
  return {};
}

Result<void> pack(Collection& collection, const std::string& folder, const std::string& name, Log& log) {
  PHOTON_TRY(auto tree, read_tree(folder));
  auto sort = collection.sort;
  if (!tree.find(document_name(sort))) return lacking(folder, document_name(sort) + " is missing");
  if (sort == Sort::a_template) {
    PHOTON_CHECK(complete_template(tree, folder));
  } else {
    PHOTON_CHECK(complete_feature(tree));
  }
  PHOTON_TRY(auto said, parsed(*tree.find(document_name(sort))));
  for (auto member : {"id", "version", "name"})
    if (!said.at(member).truthy())
      return lacking(folder + "/" + document_name(sort), fmt::format("{} is missing", member),
                     "id, version and name are required");
  PHOTON_TRY(auto bytes, write_tar(tree));
  collection.archives[archive_name(sort, name.empty() ? said.at("id").to_text() : name)] = std::move(bytes);
  log.write(LogLevel::info, fmt::format("Packaged {} '{}'", word_of(sort), shown(said.at("id").to_text())));
  collection.items.push_back(std::move(said));
  return {};
}

Result<void> pack_all(Collection& collection, const std::string& target, Log& log) {
  PHOTON_TRY(auto names, names_in(target));
  for (const auto& name : names) {
    if (name.starts_with('.')) continue;
    auto folder = joined({target, name});
    if (!is_folder(folder) || ::access(joined({folder, document_name(collection.sort)}).c_str(), F_OK) != 0) {
      log.write(LogLevel::warning,
                fmt::format("{} has no {}: left out", folder, document_name(collection.sort)));
      continue;
    }
    if (collection.sort == Sort::feature && ::access(joined({folder, "install.sh"}).c_str(), F_OK) != 0)
      return lacking(folder, "the feature has no install.sh");
    PHOTON_CHECK(pack(collection, folder, name, log));
  }
  if (collection.items.empty())
    return lacking(target, fmt::format("there are no {}s", word_of(collection.sort)),
                   fmt::format("give the folder that holds a folder for each {}", word_of(collection.sort)));
  return {};
}

}  // namespace

std::string_view word_of(Sort sort) { return sort == Sort::feature ? "feature" : "template"; }

std::string archive_name(Sort sort, const std::string& id) {
  return fmt::format("devcontainer-{}-{}.tgz", word_of(sort), id);
}

std::string Collection::document() const {
  Object source, whole;
  source.set("source", "devcontainer-cli");
  whole.set("sourceInformation", std::move(source));
  whole.set(std::string(word_of(sort)) + "s", List(items.begin(), items.end()));
  return write_indented(whole, 4);
}

Result<Collection> pack_collection(Sort sort, const std::string& target, Log& log) {
  if (!is_folder(target))
    return fail(Kind::failed, "package.target", fmt::format("Target folder '{}' does not exist", target));
  Collection collection;
  collection.sort = sort;
  if (::access(joined({target, document_name(sort)}).c_str(), F_OK) == 0) {
    PHOTON_CHECK(pack(collection, target, "", log));
  } else {
    PHOTON_CHECK(pack_all(collection, target, log));
  }
  return collection;
}

}  // namespace photon::devcontainer

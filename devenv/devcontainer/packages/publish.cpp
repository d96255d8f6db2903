// `features package`, `features publish`, `templates publish`: collections into a folder, or into a registry.
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/undo.hpp"
#include "devenv/devcontainer/packages/collection.hpp"
#include "devenv/spec/reference/paths.hpp"
#include "devenv/spec/reference/versions.hpp"

namespace photon::devcontainer {

using namespace spec::reference;

namespace {

constexpr std::string_view manifest_type = "application/vnd.oci.image.manifest.v1+json";
constexpr std::string_view config_type = "application/vnd.devcontainers";
constexpr std::string_view package_type = "application/vnd.devcontainers.layer.v1+tar";
constexpr std::string_view collection_type = "application/vnd.devcontainers.collection.layer.v1+json";
constexpr std::string_view no_config = "{}";

std::string usual_registry() {
  auto official = official_features();
  return official.substr(0, official.find('/'));
}

struct Layer {
  std::string_view type;
  std::string title;
  const std::string& bytes;
};

std::string manifest_of(const Layer& layer, Object annotations) {
  Object manifest, config, first, titles;
  config.set("mediaType", config_type);
  config.set("digest", sha256_digest(no_config));
  config.set("size", static_cast<double>(no_config.size()));
  titles.set("org.opencontainers.image.title", layer.title);
  first.set("mediaType", layer.type);
  first.set("digest", sha256_digest(layer.bytes));
  first.set("size", static_cast<double>(layer.bytes.size()));
  first.set("annotations", std::move(titles));
  manifest.set("schemaVersion", 2);
  manifest.set("mediaType", manifest_type);
  manifest.set("config", std::move(config));
  manifest.set("layers", List{std::move(first)});
  if (annotations.size() > 0) manifest.set("annotations", std::move(annotations));
  return write(manifest);
}

/// The manifest's digest. Blobs that are there are not sent.
Result<std::string> push(const PackageName& name, const Layer& layer, const std::string& manifest,
                         const std::vector<std::string>& tags, const Call& call) {
  auto digest = sha256_digest(manifest);
  auto& registry = call.fetch.repository(name);
  PHOTON_TRY(auto known, call.world.packages.manifest(name, digest));
  if (!known) {
    for (std::string_view bytes : {no_config, std::string_view(layer.bytes)}) {
      auto blob = sha256_digest(bytes);
      PHOTON_TRY(bool there, registry.has_blob(blob, {}));
      if (!there) PHOTON_CHECK(registry.push_blob(blob, bytes, {}));
    }
  }
  for (const auto& tag : tags) {
    PHOTON_CHECK(registry.push_manifest(tag, manifest_type, manifest, {}));
    call.log.write(LogLevel::info, fmt::format("Tagged: {}:{}", name.resource, tag));
  }
  return digest;
}

/// The version itself, and each shorter tag that it is the newest of.
std::vector<std::string> tags_for(const Version& version, const std::string& text,
                                  const std::vector<std::string>& published) {
  auto newest = [&](const std::string& range) {
    return std::none_of(published.begin(), published.end(), [&](const auto& tag) {
      auto other = parse_version(tag);
      return other && is_of(*other, range) && compare_versions(version, *other) <= 0;
    });
  };
  std::vector<std::string> tags;
  auto major = std::to_string(version.major), minor = fmt::format("{}.{}", version.major, version.minor);
  if (newest(major)) tags.push_back(major);
  if (newest(minor)) tags.push_back(minor);
  tags.push_back(text);
  if (newest("x")) tags.emplace_back("latest");
  return tags;
}

struct Published {
  std::vector<std::string> tags;  ///< none: the version was there
  std::string digest;
};

Result<Published> publish_one(const PackageName& name, const std::string& text, const Layer& layer,
                              const std::string& manifest, const Call& call) {
  auto published = call.world.packages.tags(name);
  if (!published)
    return fail(Kind::failed, "package.publish",
                fmt::format("the tags of {} are not to be had", name.resource),
                "docker login " + name.registry);
  if (std::find(published->begin(), published->end(), text) != published->end()) {
    call.log.write(LogLevel::warning, fmt::format("{} has {} already: left out", name.resource, text));
    return Published{};
  }
  auto version = parse_version(text);
  if (!version)
    return fail(Kind::failed, "package.publish",
                fmt::format("the version {} of {} is none", text, name.resource), "write it as 1.2.3");
  Published done;
  done.tags = tags_for(*version, text, *published);
  PHOTON_TRY(done.digest, push(name, layer, manifest, done.tags, call));
  return done;
}

Result<PackageName> name_of(const std::string& registry, const std::string& collection, const std::string& id,
                            const Call& call) {
  auto text = fmt::format("{}/{}/{}", registry, collection, id);
  auto name = parse_package_name(text, call.world.tell);
  if (!name) return fail(Kind::failed, "package.publish", fmt::format("'{}' names no package", text));
  return std::move(*name);
}

class Publisher {
 public:
  Publisher(const Collection& collection, std::string registry, std::string space, const Call& call)
      : collection_(collection), registry_(std::move(registry)), space_(std::move(space)), call_(call) {}

  /// {ID: {publishedTags, digest, version, publishedLegacyIds?}}
  Result<Value> all() {
    Object result;
    for (const auto& item : collection_.items) {
      auto id = item.at("id").to_text();
      PHOTON_TRY(auto done, item_result(item, id));
      result.set(id, std::move(done));
    }
    PHOTON_CHECK(description());
    return result;
  }

 private:
  Result<Value> item_result(const Value& item, const std::string& id) {
    auto title = archive_name(collection_.sort, id);
    auto archive = collection_.archives.find(title);
    if (archive == collection_.archives.end())
      return fail(Kind::failed, "package.publish", fmt::format("there is no {}", title),
                  "the folder has to have the name of the id");
    Object annotations;
    annotations.set("dev.containers.metadata", write(item));
    if (registry_ == usual_registry())
      annotations.set("com.github.package.type", fmt::format("devcontainer_{}", word_of(collection_.sort)));
    Layer layer{package_type, title, archive->second};
    auto manifest = manifest_of(layer, std::move(annotations)), version = item.at("version").to_text();
    PHOTON_TRY(auto name, name_of(registry_, space_, id, call_));
    PHOTON_TRY(auto done, publish_one(name, version, layer, manifest, call_));
    Object said;
    if (done.tags.empty()) return said;
    said.set("publishedTags", List(done.tags.begin(), done.tags.end()));
    said.set("digest", done.digest);
    said.set("version", item.at("version"));
    List legacy;
    if (const auto* old = item.at("legacyIds").list(); old && collection_.sort == Sort::feature)
      for (const auto& one : *old) {
        PHOTON_TRY(auto former, name_of(registry_, space_, one.to_text(), call_));
        PHOTON_TRY(auto also, publish_one(former, version, layer, manifest, call_));
        if (!also.tags.empty()) legacy.push_back(one);
      }
    if (!legacy.empty()) said.set("publishedLegacyIds", std::move(legacy));
    return said;
  }

  /// devcontainer-collection.json, under the namespace itself.
  Result<void> description() {
    auto name = collection_name(registry_, space_, call_.world.tell);
    if (!name)
      return fail(Kind::failed, "package.publish",
                  fmt::format("'{}/{}' names no collection", registry_, space_));
    auto document = collection_.document();
    Layer layer{collection_type, std::string(collection_file), document};
    Object annotations;
    if (name->registry == usual_registry())
      annotations.set("com.github.package.type", "devcontainer_collection");
    PHOTON_CHECK(push(*name, layer, manifest_of(layer, std::move(annotations)), {"latest"}, call_));
    return {};
  }

  const Collection& collection_;
  std::string registry_;
  std::string space_;
  const Call& call_;
};

std::string target_of(const Call& call) {
  return resolved({call.world.working_folder, call.words.positionals[0]});
}

Result<int> publish(Sort sort, const Call& call) {
  PHOTON_TRY(auto registry, call.text("registry", usual_registry()));
  PHOTON_TRY(auto space, call.text("namespace"));
  PHOTON_TRY(auto collection, pack_collection(sort, target_of(call), call.log));
  PHOTON_TRY(auto result, Publisher(collection, registry, space, call).all());
  PHOTON_CHECK(print(write(result) + "\n"));
  return 0;
}

/// An empty folder of that name.
Result<void> make_output(const std::string& folder, bool clean) {
  struct stat found{};
  if (::stat(folder.c_str(), &found) == 0 && S_ISDIR(found.st_mode)) {
    if (!clean)
      return fail(Kind::failed, "package.output",
                  fmt::format("the output folder {} is there already", folder), "remove it, or give -f");
    std::error_code error;
    std::filesystem::remove_all(folder, error);
    if (error) return fail_errno("remove " + folder, error.value());
  }
  return make_directories(folder, 0755);
}

}  // namespace

Result<int> features_package(const Call& call) {
  PHOTON_TRY(auto output, call.text("output-folder", "./output"));
  auto folder = resolved({call.world.working_folder, output}), target = target_of(call);
  if (folder == target || (target + "/").starts_with(folder + "/"))
    return fail(Kind::failed, "package.output", fmt::format("the output folder {} holds the target", folder),
                "name another one by -o");
  struct stat found{};
  if (::stat(target.c_str(), &found) != 0 || !S_ISDIR(found.st_mode))
    return fail(Kind::failed, "package.target", fmt::format("Target folder '{}' does not exist", target));
  PHOTON_CHECK(make_output(folder, call.flag("force-clean-output-folder")));
  OnFailure undo{[&] {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }};
  PHOTON_TRY(auto collection, pack_collection(Sort::feature, target, call.log));
  for (const auto& [name, bytes] : collection.archives)
    PHOTON_CHECK(write_file(joined({folder, base_name(name)}), bytes, 0644));
  PHOTON_CHECK(write_file(joined({folder, collection_file}), collection.document(), 0644));
  undo.release();
  return 0;
}

Result<int> features_publish(const Call& call) { return publish(Sort::feature, call); }
Result<int> templates_publish(const Call& call) { return publish(Sort::a_template, call); }

}  // namespace photon::devcontainer

// Images from disk: what is in the archive is found out in a first pass, the layers are copied in a second
// one.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "devenv/core/digest.hpp"
#include "devenv/core/undo.hpp"
#include "devenv/image/image.hpp"
#include "devenv/image/parts.hpp"
#include "devenv/image/source.hpp"

namespace photon::image {
namespace {

constexpr std::string_view settings_file = "etc/devenv-image.json";

struct Found {
  std::map<std::string, std::string> documents;  ///< small files by name
  std::map<std::string, std::uint64_t> sizes;    ///< of blobs and layers
  Source::Sums sums;
  std::size_t held = 0;
};

/// An image of the archive and where its layers lie.
struct Planned {
  Content content;
  std::map<std::string, engine::Descriptor> files;  ///< file of the archive → the layer that it is
};

bool may_be_document(const std::string& name, std::uint64_t size) {
  if (name == settings_file) return size <= document_limit;
  bool top = name.find('/') == std::string::npos && (name.ends_with(".json") || name == "oci-layout");
  return (top || name.starts_with("blobs/sha256/")) && size <= document_limit;
}

bool opens_object(std::string_view bytes) {
  std::size_t first = bytes.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && bytes[first] == '{';
}

Result<Found> scan(Source& source) {
  Found found;
  auto visited = source.visit([&](const Source::Entry& entry, const Source::Read& read) -> Result<void> {
    found.sizes[entry.name] = entry.size;
    if (!entry.link.empty() || !may_be_document(entry.name, entry.size)) return {};
    bool named = entry.name.find('/') == std::string::npos || entry.name == settings_file;
    std::string text;
    PHOTON_CHECK(read([&](std::string_view bytes) -> Result<void> {
      // A small layer is no document: blobs are told apart by their first byte.
      if (named || opens_object(bytes) || !text.empty()) text += bytes;
      return {};
    }));
    found.held += text.size();
    if (found.held > 16 * document_limit)
      return fail(Kind::usage, "image.archive", "the archive holds more documents than an image can have");
    if (!text.empty()) found.documents[entry.name] = std::move(text);
    return {};
  });
  if (!visited) return tl::unexpected(std::move(visited.error()));
  found.sums = std::move(*visited);
  return found;
}

Result<std::string> document(const Found& found, const std::string& name) {
  auto at = found.documents.find(name);
  if (at != found.documents.end()) return at->second;
  return fail(Kind::corrupt, "image.archive", fmt::format("the archive lacks {}", name),
              "it was cut short or written wrongly; save the image again");
}

Result<std::string> blob_document(const Found& found, const std::string& digest) {
  PHOTON_TRY(auto bytes, document(found, "blobs/sha256/" + digest.substr(7)));
  if (sha256_digest(bytes) != digest)
    return fail(Kind::corrupt, "image.digest", fmt::format("{} in the archive has another content", digest),
                "save the image again");
  return bytes;
}

Result<std::string> full_name(const std::string& text) {
  PHOTON_TRY(auto reference, parse_reference(text));
  return reference.text();
}

tl::unexpected<Error> nameless(const std::string& path) {
  return fail(Kind::usage, "image.name", fmt::format("{} does not say how its image is called", path),
              "add --name, for example --name local/image:1");
}

Result<Planned> plan_oci(const Found& found, engine::Descriptor target, const std::string& name) {
  Planned planned;
  for (int depth = 0; depth < 3 && !planned.content.target.size; ++depth) {
    PHOTON_TRY(auto bytes, blob_document(found, target.digest));
    PHOTON_TRY(auto parsed, parse_document(bytes, target.media_type, name));
    if (!parsed.manifest) {
      PHOTON_TRY(target, choose(parsed.index, this_platform(), name));
      continue;
    }
    planned.content.manifest = std::move(*parsed.manifest);
    planned.content.target = {parsed.media_type, target.digest, bytes.size(), {}};
    planned.content.manifest_bytes = std::move(bytes);
  }
  if (!planned.content.target.size)
    return fail(Kind::corrupt, "image.archive", fmt::format("the indexes of {} are nested too deeply", name));
  Content& content = planned.content;
  content.name = name;
  PHOTON_TRY(content.config_bytes, blob_document(found, content.manifest.config.digest));
  for (const auto& layer : content.manifest.layers) {
    std::string file = "blobs/sha256/" + layer.digest.substr(7);
    planned.files.emplace(file, layer);
  }
  return planned;
}

Result<std::vector<Planned>> plan_oci(const Found& found, const std::string& name, const std::string& path) {
  PHOTON_TRY(auto bytes, document(found, "index.json"));
  PHOTON_TRY(auto index, parse_document(bytes, media::oci_index, path));
  std::vector<Planned> result;
  for (const auto& entry : index.index) {
    std::string called = name;
    for (const char* key : {"io.containerd.image.name", "org.opencontainers.image.ref.name"}) {
      auto at = entry.descriptor.annotations.find(key);
      if (called.empty() && at != entry.descriptor.annotations.end()) called = at->second;
    }
    if (called.empty()) return nameless(path);
    PHOTON_TRY(called, full_name(called));
    PHOTON_TRY(auto planned, plan_oci(found, entry.descriptor, called));
    result.push_back(std::move(planned));
    if (!name.empty()) break;  // one name is for one image
  }
  return result;
}

/// docker save: config and layers by file name; its layers are plain tars, so their digests are the diff ids.
Result<Planned> plan_docker(const Found& found, const json::value& item, const std::string& name) {
  Planned planned;
  Content& content = planned.content;
  content.name = name;
  PHOTON_TRY(content.config_bytes, document(found, clean_name(text_or(item, "Config"))));
  PHOTON_TRY(auto config, parse_config(content.config_bytes, name));
  auto files = text_list(item, "Layers");
  if (files.size() != config.diff_ids.size())
    return fail(Kind::corrupt, "image.archive", fmt::format("{} lists other layers than its config", name),
                "save the image again");
  content.manifest.config = {
      std::string(media::oci_config), sha256_digest(content.config_bytes), content.config_bytes.size(), {}};
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::string file = clean_name(files[i]);
    auto size = found.sizes.find(file);
    if (size == found.sizes.end()) return document(found, file).map([](auto&&) { return Planned{}; });
    engine::Descriptor layer{std::string(media::oci_layer), config.diff_ids[i], size->second, {}};
    // A layer that occurs twice is a link to its first place; that one has the bytes and the size.
    for (const auto& earlier : content.manifest.layers)
      if (earlier.digest == layer.digest) layer.size = earlier.size;
    content.manifest.layers.push_back(layer);
    planned.files.emplace(file, layer);
  }
  content.manifest_bytes = write_manifest(content.manifest);
  content.target = {std::string(media::oci_manifest),
                    sha256_digest(content.manifest_bytes),
                    content.manifest_bytes.size(),
                    {}};
  return planned;
}

Result<std::vector<Planned>> plan_docker(const Found& found, const std::string& name,
                                         const std::string& path) {
  PHOTON_TRY(auto bytes, document(found, "manifest.json"));
  PHOTON_TRY(auto list, parse_json(bytes, "manifest.json", document_limit));
  std::vector<Planned> result;
  if (!list.is_array()) return nameless(path);
  for (const auto& item : list.get_array()) {
    auto tags = text_list(item, "RepoTags");
    if (!name.empty()) tags = {name};
    if (tags.empty()) return nameless(path);
    for (const auto& tag : tags) {
      PHOTON_TRY(auto called, full_name(tag));
      PHOTON_TRY(auto planned, plan_docker(found, item, called));
      result.push_back(std::move(planned));
    }
    if (!name.empty()) break;
  }
  return result;
}

json::array to_array(const std::vector<std::string>& items) {
  json::array result;
  for (const auto& item : items) result.emplace_back(item);
  return result;
}

/// A root file system may say how it wants to be started; without that it is a bare shell.
Result<std::string> config_of_rootfs(const Found& found) {
  json::value settings = json::object{};
  if (auto at = found.documents.find(std::string(settings_file)); at != found.documents.end()) {
    PHOTON_TRY(settings, parse_json(at->second, settings_file, document_limit));
  }
  json::object labels;
  for (const auto& [key, value] : text_map(settings, "labels")) labels[key] = value;
  auto env = text_list(settings, "env");
  if (env.empty()) env = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
  auto cmd = text_list(settings, "cmd");
  if (cmd.empty()) cmd = {"/bin/sh"};
  Platform platform = this_platform();
  json::object run{{"User", text_or(settings, "user")},
                   {"Env", to_array(env)},
                   {"Entrypoint", to_array(text_list(settings, "entrypoint"))},
                   {"Cmd", to_array(cmd)},
                   {"WorkingDir", text_or(settings, "cwd")},
                   {"Labels", std::move(labels)}};
  json::object rootfs{{"type", "layers"}, {"diff_ids", json::array{found.sums.content}}};
  return write_json(
      json::object{{"os", platform.os},
                   {"architecture", platform.architecture},
                   {"config", std::move(run)},
                   {"rootfs", std::move(rootfs)},
                   {"history", json::array{json::object{{"created_by", "devenv image import"}}}}});
}

Result<Planned> plan_rootfs(const Found& found, const std::string& name, const std::string& path) {
  if (name.empty()) return nameless(path);
  const std::string& encoding = found.sums.encoding;
  if (!encoding.empty() && encoding != "gzip" && encoding != "zstd")
    return fail(Kind::usage, "image.compression",
                fmt::format("{} is compressed by {}, which no layer may be", path, encoding),
                "compress it by zstd or gzip instead");
  std::error_code error;
  Planned planned;
  Content& content = planned.content;
  PHOTON_TRY(content.name, full_name(name));
  PHOTON_TRY(content.config_bytes, config_of_rootfs(found));
  engine::Descriptor layer{std::string(media::oci_layer) + (encoding.empty() ? "" : "+" + encoding),
                           found.sums.file,
                           std::filesystem::file_size(path, error),
                           {}};
  content.manifest.config = {
      std::string(media::oci_config), sha256_digest(content.config_bytes), content.config_bytes.size(), {}};
  content.manifest.layers = {layer};
  content.manifest_bytes = write_manifest(content.manifest);
  content.target = {std::string(media::oci_manifest),
                    sha256_digest(content.manifest_bytes),
                    content.manifest_bytes.size(),
                    {}};
  return planned;
}

/// Copies layers into the store and tells how far it is.
class Copy {
 public:
  Copy(Images::State& state, const Work& work, std::string lease, std::string subject, std::uint64_t total)
      : state_(state), work_(work), lease_(std::move(lease)), subject_(std::move(subject)), total_(total) {}

  Result<void> layer(const engine::Descriptor& layer, const std::string& diff_id, const Source::Read& read) {
    PHOTON_CHECK(state_.busy.enter(layer.digest, work_.stop));
    Finally leave{[&] { state_.busy.leave(layer.digest); }};
    PHOTON_TRY(auto writer,
               state_.store.write_blob("layer-" + layer.digest, layer.size, layer.digest, lease_));
    if (writer->offset() != layer.size) {
      if (writer->offset() != 0) PHOTON_CHECK(writer->truncate());
      PHOTON_CHECK(read([&](std::string_view bytes) -> Result<void> {
        done_ += bytes.size();
        work_.report({"image", subject_, size_text(done_), done_, total_, false});
        return writer->write(bytes);
      }));
    }
    auto kept = writer->commit(layer.size, layer.digest, {{"containerd.io/uncompressed", diff_id}});
    if (!kept) (void)writer->truncate();  // wrong bytes are nothing to resume from
    return kept;
  }

 private:
  Images::State& state_;
  const Work& work_;
  std::string lease_;
  std::string subject_;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
};

std::string diff_id_of(const Content& content, const std::string& digest) {
  for (std::size_t i = 0; i < content.manifest.layers.size(); ++i)
    if (content.manifest.layers[i].digest == digest) return content.config.diff_ids[i];
  return {};
}

Result<void> copy_layers(Images::State& state, Source& source, const std::string& path,
                         const Planned& planned, bool rootfs, const std::string& lease, const Work& work) {
  const Content& content = planned.content;
  std::uint64_t total = 0;
  for (const auto& layer : content.manifest.layers) total += layer.size;
  Copy copy(state, work, lease, content.name, total);
  if (rootfs) {
    const auto& layer = content.manifest.layers.front();
    return copy.layer(layer, content.config.diff_ids.front(),
                      [&](const Sink& sink) { return read_plain(path, sink, work.stop); });
  }
  auto visited = source.visit([&](const Source::Entry& entry, const Source::Read& read) -> Result<void> {
    auto at = planned.files.find(entry.name);
    if (at == planned.files.end() || !entry.link.empty()) return {};
    return copy.layer(at->second, diff_id_of(content, at->second.digest), read);
  });
  if (!visited) return tl::unexpected(std::move(visited.error()));
  return {};
}

Result<ImageConfig> bring_in(Images::State& state, Source& source, const std::string& path, Planned& planned,
                             bool rootfs, const Work& work) {
  Content& content = planned.content;
  PHOTON_TRY(content.config, parse_config(content.config_bytes, content.name));
  if (content.config.diff_ids.size() != content.manifest.layers.size())
    return fail(Kind::corrupt, "image.document",
                fmt::format("{} has other layers than its config says", content.name),
                "save the image again");
  PHOTON_TRY(auto lease, state.store.new_lease());
  Finally drop{[&] { (void)state.store.drop_lease(lease); }};
  PHOTON_CHECK(copy_layers(state, source, path, planned, rootfs, lease, work));
  for (std::size_t i = 0; i < content.manifest.layers.size(); ++i) {
    if (work.stopped()) return cancelled();
    work.report(
        {"image", content.name, fmt::format("unpacking {} of {}", i + 1, content.manifest.layers.size())});
    PHOTON_CHECK(unpack_layer(state.store, content, i, lease));
  }
  PHOTON_CHECK(record(state.store, content, lease));
  work.report({"image", content.name, "imported", 0, 0, true});
  return describe(content);
}

}  // namespace

Result<std::vector<ImageConfig>> Images::import(const std::string& path, const std::string& name,
                                                const Work& work) {
  PHOTON_TRY(auto source, open_source(path, work.stop));
  work.report({"image", path, "reading"});
  PHOTON_TRY(auto found, scan(*source));
  bool oci = found.documents.contains("oci-layout") && found.documents.contains("index.json");
  bool docker = !oci && found.documents.contains("manifest.json");
  std::vector<Planned> plans;
  if (oci) {
    PHOTON_TRY(plans, plan_oci(found, name, path));
  } else if (docker) {
    PHOTON_TRY(plans, plan_docker(found, name, path));
  } else if (found.sums.file.empty()) {
    return fail(Kind::usage, "image.archive", fmt::format("{} is no OCI layout", path),
                "a folder needs oci-layout and index.json; give a root file system as a tar");
  } else {
    PHOTON_TRY(auto planned, plan_rootfs(found, name, path));
    plans.push_back(std::move(planned));
  }
  std::vector<ImageConfig> result;
  for (auto& planned : plans) {
    auto image = bring_in(*state_, *source, path, planned, !oci && !docker, work);
    if (!image) return within(std::move(image.error()), fmt::format("while importing {}", path));
    result.push_back(std::move(*image));
  }
  return result;
}

}  // namespace photon::image

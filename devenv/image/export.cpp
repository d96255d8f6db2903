// An image as an archive: OCI's layout, and beside it the list by which Docker knows it.
#include <set>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "devenv/image/handle.hpp"
#include "devenv/image/parts.hpp"

namespace photon::image {
namespace {

std::string file_of(const std::string& digest) {
  return "blobs/sha256/" + digest.substr(digest.find(':') + 1);
}

class Archive {
 public:
  Result<void> open(int file) {
    if (!writer_) return fail(Kind::internal, "image.memory", "there is no memory for an archive");
    archive_write_set_format_pax_restricted(writer_.get());
    archive_write_add_filter_none(writer_.get());
    return check(archive_write_open_fd(writer_.get(), file));
  }

  Result<void> begin(const std::string& name, std::uint64_t size) {
    ArchiveEntry entry(archive_entry_new());
    if (!entry) return fail(Kind::internal, "image.memory", "there is no memory for an archive");
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_mtime(entry.get(), 0, 0);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
    return check(archive_write_header(writer_.get(), entry.get()));
  }

  Result<void> write(std::string_view bytes) {
    while (!bytes.empty()) {
      auto written = archive_write_data(writer_.get(), bytes.data(), bytes.size());
      if (written <= 0) return check(ARCHIVE_FATAL);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  Result<void> whole(const std::string& name, std::string_view bytes) {
    PHOTON_CHECK(begin(name, bytes.size()));
    return write(bytes);
  }

  Result<void> close() { return check(archive_write_close(writer_.get())); }

 private:
  Result<void> check(int status) {
    if (status >= ARCHIVE_WARN) return {};
    const char* why = archive_error_string(writer_.get());
    return fail_errno(fmt::format("write the archive ({})", why ? why : "no reason given"),
                      archive_errno(writer_.get()));
  }

  ArchiveWriter writer_{archive_write_new()};
};

std::string index_of(const Content& content, const Reference& reference) {
  auto entry = to_json(content.target).as_object();
  json::object annotations{{"io.containerd.image.name", content.name}};
  if (!reference.tag.empty()) annotations["org.opencontainers.image.ref.name"] = reference.tag;
  entry["annotations"] = std::move(annotations);
  entry["platform"] = json::object{{"os", content.config.platform.os},
                                   {"architecture", content.config.platform.architecture}};
  return write_json(json::object{
      {"schemaVersion", 2}, {"mediaType", media::oci_index}, {"manifests", json::array{std::move(entry)}}});
}

std::string list_for_docker(const Content& content) {
  json::array layers;
  for (const auto& layer : content.manifest.layers) layers.emplace_back(file_of(layer.digest));
  return write_json(json::array{json::object{{"Config", file_of(content.manifest.config.digest)},
                                             {"RepoTags", json::array{json::value(content.name)}},
                                             {"Layers", std::move(layers)}}});
}

}  // namespace

Result<void> Images::save(const std::string& reference, int file, const Work& work) {
  PHOTON_TRY(auto parsed, parse_reference(reference));
  PHOTON_TRY(auto content, whole_image(state_->store, reference));
  Archive archive;
  PHOTON_CHECK(archive.open(file));
  PHOTON_CHECK(archive.whole("oci-layout", R"({"imageLayoutVersion":"1.0.0"})"));
  PHOTON_CHECK(archive.whole("index.json", index_of(content, parsed)));
  PHOTON_CHECK(archive.whole("manifest.json", list_for_docker(content)));
  PHOTON_CHECK(archive.whole(file_of(content.target.digest), content.manifest_bytes));
  PHOTON_CHECK(archive.whole(file_of(content.manifest.config.digest), content.config_bytes));
  std::uint64_t total = 0;
  for (const auto& layer : content.manifest.layers) total += layer.size;
  std::uint64_t done = 0;
  std::set<std::string> written;
  for (const auto& layer : content.manifest.layers) {
    if (!written.insert(layer.digest).second) continue;
    PHOTON_CHECK(archive.begin(file_of(layer.digest), layer.size));
    PHOTON_CHECK(state_->store.read_blob(layer.digest, [&](std::string_view bytes) -> Result<void> {
      if (work.stopped()) return cancelled();
      done += bytes.size();
      work.report({"export", content.name, size_text(done), done, total, false});
      return archive.write(bytes);
    }));
  }
  PHOTON_CHECK(archive.close());
  work.report({"export", content.name, size_text(total), total, total, true});
  return {};
}

}  // namespace photon::image

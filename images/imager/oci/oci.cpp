#include "images/imager/oci/oci.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <cerrno>
#include <ctime>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/handle.hpp"
#include "devenv/core/json.hpp"
#include "images/imager/oci/layer.hpp"

namespace photon::images {
namespace {

using Writer = Handle<struct archive, archive_write_free>;
using Entry = Handle<struct archive_entry, archive_entry_free>;

constexpr std::string_view layer_type = "application/vnd.oci.image.layer.v1.tar+zstd",
                           config_type = "application/vnd.oci.image.config.v1+json",
                           manifest_type = "application/vnd.oci.image.manifest.v1+json",
                           index_type = "application/vnd.oci.image.index.v1+json";

std::string utc(std::int64_t seconds) {
  std::time_t time = seconds;
  struct tm parts{};
  ::gmtime_r(&time, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

json::object descriptor(std::string_view type, const std::string& sha256, std::uint64_t size) {
  return {{"mediaType", type}, {"digest", "sha256:" + sha256}, {"size", size}};
}

json::array texts(const std::vector<std::string>& list) {
  json::array out;
  for (const auto& one : list) out.emplace_back(one);
  return out;
}

std::string config_of(const OciImage& image, const Layer& layer) {
  json::object config;
  const auto& c = image.container;
  if (!c.user.empty()) config["User"] = c.user;
  if (!c.directory.empty()) config["WorkingDir"] = c.directory;
  if (!c.command.empty()) config["Cmd"] = texts(c.command);
  std::vector<std::string> environment{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
  for (const auto& one : c.environment) environment.push_back(one);
  config["Env"] = texts(environment);
  json::object labels;
  for (const auto& label : c.labels) {
    auto at = label.find('=');
    labels[label.substr(0, at)] = at == std::string::npos ? "" : label.substr(at + 1);
  }
  if (!labels.empty()) config["Labels"] = std::move(labels);
  return write_json(json::object{
      {"created", utc(image.date)},
      {"architecture", image.arch == "aarch64" ? "arm64" : "amd64"},
      {"os", "linux"},
      {"config", std::move(config)},
      {"rootfs", json::object{{"type", "layers"}, {"diff_ids", json::array{"sha256:" + layer.diff_id}}}},
      {"history", json::array{json::object{{"created", utc(image.date)}, {"created_by", "photon imager"}}}}});
}

class Layout {
 public:
  static Result<Layout> open(const std::string& file, std::int64_t date) {
    Layout out(date);
    archive_write_set_format_pax_restricted(out.writer_.get());
    if (archive_write_open_filename(out.writer_.get(), file.c_str()) != ARCHIVE_OK) return out.broken(file);
    return out;
  }
  Result<void> begin(const std::string& name, std::uint64_t size) {
    Entry entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_mode(entry.get(), S_IFREG | 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
    archive_entry_set_mtime(entry.get(), date_, 0);
    if (archive_write_header(writer_.get(), entry.get()) != ARCHIVE_OK) return broken(name);
    return {};
  }
  Result<void> bytes(std::string_view data) {
    if (archive_write_data(writer_.get(), data.data(), data.size()) != static_cast<la_ssize_t>(data.size()))
      return broken("the archive");
    return {};
  }
  Result<void> add(const std::string& name, std::string_view data) {
    PHOTON_CHECK(begin(name, data.size()));
    return bytes(data);
  }
  Result<void> add_file(const std::string& name, const std::string& from, std::uint64_t size) {
    PHOTON_CHECK(begin(name, size));
    PHOTON_TRY(auto fd, open_fd(from, O_RDONLY));
    for (std::string buffer(1 << 20, '\0');;) {
      auto got = ::read(fd.get(), buffer.data(), buffer.size());
      if (got < 0) return fail_errno("read " + from, errno);
      if (got == 0) return {};
      PHOTON_CHECK(bytes(std::string_view(buffer).substr(0, static_cast<std::size_t>(got))));
    }
  }
  Result<void> close() {
    if (archive_write_close(writer_.get()) != ARCHIVE_OK) return broken("the archive");
    return {};
  }

 private:
  explicit Layout(std::int64_t date) : writer_(archive_write_new()), date_(date) {}
  tl::unexpected<Error> broken(const std::string& what) {
    auto number = archive_errno(writer_.get());
    return fail_errno("write " + what, number ? number : EIO);
  }
  Writer writer_;
  std::int64_t date_;
};

}  // namespace

Result<void> write_oci(const OciImage& image, const std::string& root, const std::string& file,
                       const Work& work) {
  auto blob = file + ".layer";
  PHOTON_TRY(auto layer, write_layer(root, blob, image.date, work));
  auto config = config_of(image, layer);
  auto config_sum = sha256_hex(config);
  auto manifest =
      write_json(json::object{{"schemaVersion", 2},
                              {"mediaType", manifest_type},
                              {"config", descriptor(config_type, config_sum, config.size())},
                              {"layers", json::array{descriptor(layer_type, layer.sha256, layer.size)}}});
  auto manifest_sum = sha256_hex(manifest);
  auto entry = descriptor(manifest_type, manifest_sum, manifest.size());
  entry["platform"] =
      json::object{{"architecture", image.arch == "aarch64" ? "arm64" : "amd64"}, {"os", "linux"}};
  // The first is what containerd names it, the second what the specification says.
  entry["annotations"] =
      json::object{{"io.containerd.image.name", "localhost/photon/" + image.name + ":latest"},
                   {"org.opencontainers.image.ref.name", "latest"}};
  auto index = write_json(json::object{
      {"schemaVersion", 2}, {"mediaType", index_type}, {"manifests", json::array{std::move(entry)}}});
  PHOTON_TRY(auto layout, Layout::open(file, image.date));
  PHOTON_CHECK(layout.add("oci-layout", R"({"imageLayoutVersion":"1.0.0"})"));
  PHOTON_CHECK(layout.add("index.json", index));
  PHOTON_CHECK(layout.add("blobs/sha256/" + manifest_sum, manifest));
  PHOTON_CHECK(layout.add("blobs/sha256/" + config_sum, config));
  PHOTON_CHECK(layout.add_file("blobs/sha256/" + layer.sha256, blob, layer.size));
  PHOTON_CHECK(layout.close());
  ::unlink(blob.c_str());
  return {};
}

}  // namespace photon::images

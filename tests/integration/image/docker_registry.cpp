#include "tests/integration/image/docker_registry.hpp"
#include "tests/fixtures/free_port.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "devenv/core/digest.hpp"
#include "devenv/image/document.hpp"
#include "tests/integration/image/tiny_server.hpp"

namespace photon::fixtures {
namespace {

std::string checked(Command command, const std::string& input = {}) {
  std::string name = command.argv[0];
  auto done = run(std::move(command), input);
  if (!done || done->status != 0) {
    ADD_FAILURE() << name << ": " << (done ? done->err + done->out : done.error().message);
    return {};
  }
  return done->out;
}

void keep(const std::string& path, const std::string& bytes) {
  auto done = write_file(path, bytes);
  if (!done) ADD_FAILURE() << done.error().message;
}

}  // namespace

Layer make_layer(const std::string& folder, const std::string& content, const std::string& encoding) {
  std::string name = "file-" + sha256_hex(content).substr(0, 8);
  keep(folder + "/" + name, content);
  std::string tar = checked({.argv = {"tar", "-C", folder, "-cf", "-", name}});
  Layer layer{tar, sha256_digest(tar), std::string(image::media::oci_layer)};
  if (encoding.empty()) return layer;
  layer.bytes = checked({.argv = {encoding, "-c"}}, tar);
  layer.media_type += "+" + encoding;
  return layer;
}

DockerRegistry::DockerRegistry(std::string folder, std::string user, std::string password)
    : folder_(std::move(folder)), port_(free_port()) {
  std::string auth;
  if (!user.empty()) {
    user_ = user + ":" + password;
    keep(folder_ + "/htpasswd", checked({.argv = {"htpasswd", "-Bbn", user, password}}));
    auth = "auth: {htpasswd: {realm: test, path: " + folder_ + "/htpasswd}}\n";
  }
  keep(
      folder_ + "/registry.yml",
      fmt::format("version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}/data}}}}\n"
                  "http: {{addr: 127.0.0.1:{}}}\n{}",
                  folder_, port_, auth));
  log_ = open_fd(folder_ + "/registry.log", O_CREAT | O_WRONLY).value();
  child_ = start({.argv = {"docker-registry", "serve", folder_ + "/registry.yml"},
                  .output = log_.get(),
                  .error = log_.get()})
               .value();
  for (int i = 0; i < 500 && !connect_port(port_); ++i) ::usleep(20'000);
}

DockerRegistry::~DockerRegistry() { (void)child_.stop(std::chrono::seconds(3)); }

std::string DockerRegistry::curl(std::vector<std::string> arguments, const std::string& input) {
  std::vector<std::string> argv{"curl", "--silent", "--show-error", "--fail", "--noproxy", "*"};
  if (!user_.empty()) argv.insert(argv.end(), {"--user", user_});
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return checked({.argv = argv}, input);
}

void DockerRegistry::put_blob(const std::string& repository, const std::string& bytes) {
  std::string address = fmt::format("http://{}/v2/{}/blobs/uploads/", host(), repository);
  std::string location = curl({"-X", "POST", "-o", "/dev/null", "-w", "%header{location}", address});
  if (location.empty()) return;
  curl({"-X", "PUT", "-H", "Content-Type: application/octet-stream", "--data-binary", "@-",
        location + (location.find('?') == std::string::npos ? "?" : "&") + "digest=" + sha256_digest(bytes)},
       bytes);
}

std::string DockerRegistry::put_manifest(const std::string& repository, const std::string& tag,
                                         const std::string& type, const std::string& bytes) {
  curl({"-X", "PUT", "-H", "Content-Type: " + type, "--data-binary", "@-",
        fmt::format("http://{}/v2/{}/manifests/{}", host(), repository, tag)},
       bytes);
  return sha256_digest(bytes);
}

std::string DockerRegistry::push(const std::string& repository, const std::string& tag,
                                 const std::vector<Layer>& layers, bool index) {
  std::string ids;
  image::Manifest manifest;
  for (const auto& layer : layers) {
    put_blob(repository, layer.bytes);
    ids += (ids.empty() ? "\"" : ",\"") + layer.diff_id + "\"";
    manifest.layers.push_back({layer.media_type, sha256_digest(layer.bytes), layer.bytes.size(), {}});
  }
  std::string config = fmt::format(
      R"({{"os":"linux","architecture":"{}","config":{{"User":"dev","Env":["A=b"]}},"rootfs":{{"type":"layers","diff_ids":[{}]}}}})",
      image::this_platform().architecture, ids);
  put_blob(repository, config);
  manifest.config = {std::string(image::media::oci_config), sha256_digest(config), config.size(), {}};
  std::string bytes = image::write_manifest(manifest);
  std::string type(image::media::oci_manifest);
  if (!index) return put_manifest(repository, tag, type, bytes);
  std::string digest = put_manifest(repository, sha256_digest(bytes), type, bytes);
  std::string entry =
      fmt::format(R"({{"mediaType":"{}","digest":"{}","size":{},"platform":{{"os":"linux","architecture":)",
                  type, digest, bytes.size());
  std::string list =
      fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{}"riscv64"}}}},{}"{}"}}}}]}})",
                  image::media::oci_index, entry, entry, image::this_platform().architecture);
  return put_manifest(repository, tag, std::string(image::media::oci_index), list);
}

std::string DockerRegistry::blob_file(const std::string& digest) const {
  std::string hex = digest.substr(7);
  return folder_ + "/data/docker/registry/v2/blobs/sha256/" + hex.substr(0, 2) + "/" + hex + "/data";
}

}  // namespace photon::fixtures

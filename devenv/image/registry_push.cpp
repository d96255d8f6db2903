// What is given to a registry: blobs in two steps, then the manifest that names them.
#include <thread>

#include "devenv/image/registry.hpp"

namespace photon::image {
namespace {

constexpr auto after_too_many = std::chrono::seconds(2);

/// Where an upload goes on: the place that the registry named, whole or without its host, and the digest.
std::string upload_address(const std::string& location, const std::string& base, const std::string& digest) {
  auto url = location.starts_with("http://") || location.starts_with("https://") ? location : base + location;
  return url + (url.find('?') == url.npos ? "?" : "&") + "digest=" + digest;
}

}  // namespace

Result<bool> Registry::has_blob(const std::string& digest, std::stop_token stop) {
  Request request{.url = endpoint_.base + "/v2/" + repository_ + "/blobs/" + digest, .method = "HEAD"};
  PHOTON_TRY(auto response, send(std::move(request), stop));
  if (response.status == 404) return false;
  if (response.status != 200) return refused(response, digest);
  return true;
}

Result<void> Registry::push_blob(const std::string& digest, std::string_view bytes, std::stop_token stop) {
  Request begin{.url = endpoint_.base + "/v2/" + repository_ + "/blobs/uploads/",
                .headers = {"Content-Type:"},
                .method = "POST"};
  PHOTON_TRY(auto place, send(std::move(begin), stop));
  if (place.status != 202) return refused(place, "an upload to " + repository_);
  auto location = place.headers["location"];
  if (location.empty())
    return fail(Kind::unavailable, "image.registry",
                fmt::format("{} does not say where an upload goes", endpoint_.host), "try again later");
  Request put{.url = upload_address(location, endpoint_.base, digest),
              .headers = {"Content-Type: application/octet-stream", "Expect:"},
              .method = "PUT",
              .body = bytes};
  PHOTON_TRY(auto response, send(std::move(put), stop));
  if (response.status != 201) return refused(response, "the upload of " + digest);
  return {};
}

Result<void> Registry::push_manifest(const std::string& name, std::string_view media_type,
                                     std::string_view bytes, std::stop_token stop) {
  Request request{.url = endpoint_.base + "/v2/" + repository_ + "/manifests/" + name,
                  .headers = {fmt::format("Content-Type: {}", media_type), "Expect:"},
                  .method = "PUT",
                  .body = bytes};
  PHOTON_TRY(auto response, send(request, stop));
  if (response.status == 429) {
    std::this_thread::sleep_for(after_too_many);
    PHOTON_TRY(response, send(request, stop));
  }
  if (response.status != 201) return refused(response, repository_ + ":" + name);
  return {};
}

}  // namespace photon::image

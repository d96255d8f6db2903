#include "devenv/feature/fetch.hpp"

#include <fcntl.h>

#include "devenv/core/digest.hpp"
#include "devenv/core/name.hpp"
#include "devenv/feature/metadata.hpp"
#include "devenv/image/document.hpp"
#include "devenv/image/http.hpp"
#include "devenv/image/registry.hpp"
#include "devenv/unpack/tree.hpp"
#include "devenv/unpack/unpack.hpp"

namespace photon::feature {
namespace {

constexpr std::uint64_t most_bytes = 256ULL << 20;  ///< of an archive as it comes
constexpr std::string_view config_type = "application/vnd.devcontainers";

tl::unexpected<Error> no_feature(const Id& id, std::string_view why) {
  return fail(Kind::corrupt, "feature.document",
              fmt::format("{} is no feature: {}", shown(id.text, 200), why),
              "check the name; an image is named by \"image\"");
}

tl::unexpected<Error> other_bytes(const Id& id, const std::string& wanted) {
  return fail(Kind::corrupt, "feature.digest",
              fmt::format("{} gives other bytes than {}", shown(id.text, 200), wanted),
              "it was published anew, or somebody on the way changed it; if it is meant, delete its entry in "
              "devcontainer-lock.json");
}

/// A file that is summed as it grows.
class Download {
 public:
  static Result<Download> to(const std::string& path) {
    Download made;
    PHOTON_TRY(made.file_, open_fd(path, O_WRONLY | O_CREAT | O_TRUNC));
    return made;
  }
  Result<void> add(const Id& id, std::string_view bytes) {
    size_ += bytes.size();
    if (size_ > most_bytes)
      return fail(
          Kind::corrupt, "feature.bounds",
          fmt::format("the archive of {} is larger than {} MiB", shown(id.text, 200), most_bytes >> 20),
          "no feature is; check the address");
    sum_.update(bytes);
    return write_all(file_.get(), bytes);
  }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  std::string digest() { return "sha256:" + sum_.hex(); }

 private:
  Download() = default;
  Fd file_;
  Sha256 sum_;
  std::uint64_t size_ = 0;
};

/// The one layer of a feature's manifest.
Result<engine::Descriptor> layer_of(const Id& id, const image::Registry::Fetched& fetched) {
  PHOTON_TRY(auto document, image::parse_document(fetched.bytes, fetched.media_type, id.text));
  if (!document.manifest || document.manifest->config.media_type != config_type)
    return no_feature(id, fmt::format("its manifest is not one of {}", config_type));
  if (document.manifest->layers.size() != 1)
    return no_feature(id, fmt::format("it has {} layers instead of one", document.manifest->layers.size()));
  auto layer = std::move(document.manifest->layers[0]);
  if (layer.size > most_bytes) return no_feature(id, "it is larger than any feature");
  return layer;
}

Result<void> take_layer(const Id& id, image::Registry& registry, const engine::Descriptor& layer,
                        const std::string& to, const std::stop_token& stop) {
  PHOTON_TRY(auto download, Download::to(to));
  auto taken = registry.blob(
      layer.digest, 0,
      [&](std::uint64_t, std::string_view bytes) -> Result<void> {
        if (download.size() + bytes.size() > layer.size) return other_bytes(id, layer.digest);
        return download.add(id, bytes);
      },
      stop);
  PHOTON_CHECK(std::move(taken));
  if (download.digest() != layer.digest) return other_bytes(id, layer.digest);
  return {};
}

}  // namespace

Result<Fetched> Fetcher::fetch(const Id& id, const std::string& locked) const {
  const auto& wanted = locked.empty() ? id.reference.digest : locked;
  if (auto files = sources_.store.find(wanted)) return Fetched{wanted, std::move(*files)};
  work_.report({"feature", id.text, "fetching", 0, 0, false});
  auto fetched = id.sort == Sort::archive ? from_archive(id, wanted) : from_registry(id, wanted);
  if (fetched) work_.report({"feature", id.text, "fetched", 0, 0, true});
  return fetched;
}

Result<Fetched> Fetcher::unpacked(Store::Draft draft, const Id& id, const std::string& digest) const {
  PHOTON_TRY(auto tree, unpack::Tree::open(draft.files()));
  auto done = unpack::unpack({"the feature's archive", draft.archive()}, tree, {}, work_.stop);
  if (!done) return within(std::move(done.error()), fmt::format("while unpacking {}", shown(id.text, 200)));
  if (auto there = tree.read(metadata_file); !there)
    return no_feature(id, fmt::format("it holds no {}", metadata_file));
  PHOTON_TRY(auto files, sources_.store.keep(std::move(draft), digest));
  return Fetched{digest, std::move(files)};
}

Result<Fetched> Fetcher::from_registry(const Id& id, const std::string& wanted) const {
  auto servers = image::endpoints(id.reference.registry, sources_.registries);
  for (std::size_t i = 0;; ++i) {
    image::Registry registry(servers[i], id.reference.repository, sources_.registries.ca_file,
                             [&](const std::string& host) { return sources_.logins.find(host, work_.stop); });
    auto attempt = [&]() -> Result<Fetched> {
      PHOTON_TRY(auto manifest, registry.manifest(wanted.empty() ? id.reference.tag : wanted, work_.stop));
      PHOTON_TRY(auto layer, layer_of(id, manifest));
      if (auto files = sources_.store.find(manifest.digest))
        return Fetched{manifest.digest, std::move(*files)};
      PHOTON_TRY(auto draft, sources_.store.draft());
      PHOTON_CHECK(take_layer(id, registry, layer, draft.archive(), work_.stop));
      return unpacked(std::move(draft), id, manifest.digest);
    };
    auto fetched = attempt();
    // A mirror may be away, empty or closed to us: the registry itself has the last word.
    if (fetched || i + 1 == servers.size() || work_.stopped()) return fetched;
  }
}

Result<Fetched> Fetcher::from_archive(const Id& id, const std::string& locked) const {
  PHOTON_TRY(auto draft, sources_.store.draft());
  PHOTON_TRY(auto download, Download::to(draft.archive()));
  image::Http http;
  image::Request request{.url = id.text, .ca_file = sources_.registries.ca_file, .limit = 1 << 20};
  request.sink = [&](long, std::string_view bytes) { return download.add(id, bytes); };
  auto answer = http.send(request, work_.stop);
  if (!answer && answer.error().kind == Kind::unavailable)
    return fail(Kind::unavailable, "feature.away",
                fmt::format("{} cannot be fetched: {}", shown(id.text, 200), answer.error().message),
                "check the network and the address, then try again");
  if (!answer) return tl::unexpected(std::move(answer.error()));
  if (answer->status != 200)
    return fail(
        answer->status == 404 ? Kind::not_found : Kind::unavailable, "feature.away",
        fmt::format("{} cannot be fetched: the server answered {}", shown(id.text, 200), answer->status),
        "check the address");
  auto digest = download.digest();
  if (!locked.empty() && digest != locked) return other_bytes(id, locked);
  if (auto files = sources_.store.find(digest)) return Fetched{digest, std::move(*files)};
  return unpacked(std::move(draft), id, digest);
}

}  // namespace photon::feature

#include "packages/rpm/repository.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"
#include "devenv/core/name.hpp"
#include "packages/rpm/pool_state.hpp"
#include "packages/rpm/repository_cache.hpp"
#include "packages/rpm/signature.hpp"

namespace photon::rpm {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t most_repomd = 4 << 20, most_signature = 64 << 10;

/// What has been seen: an answer below it is a replay.
struct Seen {
  std::int64_t time = 0;
  std::string revision;
};

Seen read_seen(const RepositoryCache& cache) {
  auto bytes = read_file(cache.path("seen.json"), most_signature);
  if (!bytes) return {};
  auto value = parse_json(*bytes, "seen.json");
  if (!value) return {};
  return {number_or(*value, "time"), text_or(*value, "revision")};
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

Result<void> check_replay(const RepositorySource& source, const Repomd& repomd, const Seen& seen) {
  auto before = number(seen.revision), now = number(repomd.revision);
  bool older = repomd.time < seen.time || (repomd.time == seen.time && before && now && *now < *before);
  if (!older) return {};
  return fail(
      Kind::corrupt, "rpm.replayed",
      fmt::format("the metadata of {} is older ({}, revision {}) than what was seen before ({}, revision {})",
                  source.name, repomd.time, shown(repomd.revision), seen.time, shown(seen.revision)),
      fmt::format("a mirror that lags, or an attack; wait, or remove {}/{} to begin anew", source.cache,
                  source.name));
}

Result<std::string> fetch_verified_repomd(const RepositorySource& source, const RepositoryCache& cache,
                                          const Work& work) {
  auto file = cache.path("new/repomd.xml"), signature = file + ".asc";
  std::vector<Download> wanted{{.url = cache.url("repodata/repomd.xml"), .to = file, .limit = most_repomd}};
  if (source.verify_metadata)
    wanted.push_back({.url = cache.url("repodata/repomd.xml.asc"),
                      .to = signature,
                      .limit = most_signature,
                      .optional = true});
  PHOTON_CHECK(download(std::move(wanted), {}, work));
  PHOTON_TRY(auto bytes, read_file(file, most_repomd));
  if (!source.verify_metadata) return bytes;
  auto signed_by = read_file(signature, most_signature);
  if (!signed_by)
    return fail(Kind::corrupt, "rpm.unsigned", fmt::format("the metadata of {} is not signed", source.name),
                "the repository has to be published with repomd.xml.asc");
  PHOTON_CHECK(verify_detached(bytes, *signed_by, source.keys, "the metadata of " + source.name));
  return bytes;
}

}  // namespace

Result<Freshness> refresh(const RepositorySource& source, const Work& work) {
  PHOTON_TRY(auto cache, RepositoryCache::open(source));
  PHOTON_TRY(auto lock, cache.lock());
  std::error_code ignored;
  fs::remove_all(cache.path("new"), ignored);
  PHOTON_TRY(auto bytes, fetch_verified_repomd(source, cache, work));
  PHOTON_TRY(auto repomd, parse_repomd(bytes, source.name));
  PHOTON_CHECK(check_replay(source, repomd, read_seen(cache)));
  Freshness fresh{.repomd_sha256 = repomd.sha256, .revision = repomd.revision, .time = repomd.time};
  auto before = read_file(cache.path("repomd.xml"), most_repomd);
  fresh.changed = !before || *before != bytes;
  if (fresh.changed || !cache.has_primary(repomd)) {
    PHOTON_CHECK(cache.make_primary(repomd, work));
    PHOTON_CHECK(write_file(cache.path("repomd.xml"), bytes, 0644));
    json::object seen{{"time", repomd.time}, {"revision", repomd.revision}};
    PHOTON_CHECK(write_file(cache.path("seen.json"), write_json(seen), 0644));
  }
  fs::remove_all(cache.path("new"), ignored);
  return fresh;
}

Result<void> add_repository(Pool& pool, const RepositorySource& source, const Work& work) {
  PHOTON_TRY(auto opened, RepositoryCache::open(source));
  auto cache = std::make_shared<RepositoryCache>(std::move(opened));
  auto repomd = cache->repomd();
  if (!repomd || !cache->has_primary(*repomd)) {
    PHOTON_CHECK(refresh(source, work));
    repomd = cache->repomd();
    if (!repomd) return tl::unexpected(std::move(repomd).error());
  }
  auto& state = pool.state();
  auto* repo = state.add_repository(source.name, source.priority);
  if (!read_solv(repo, cache->path("primary.solv"), cache->key(*repomd))) {
    repo_free(repo, 1);
    return fail(Kind::corrupt, "rpm.cache", fmt::format("the cache of {} is damaged", source.name),
                "refresh it");
  }
  cache->serve_file_lists(repo, std::move(*repomd), work, state.load_error);
  state.kept.push_back(std::move(cache));
  return {};
}

Result<Solution> fetch(Solution solution, std::span<const RepositorySource> sources,
                       const std::string& folder, const DownloadOptions& options, const Work& work) {
  std::vector<Download> wanted;
  for (auto& step : solution.steps) {
    auto& item = step.item;
    if (step.action == Action::erase || item.location.starts_with('/')) continue;
    auto source = std::ranges::find(sources, item.repository, &RepositorySource::name);
    if (source == sources.end())
      return fail(
          Kind::internal, "rpm.repository",
          fmt::format("{} comes from {}, which was not given", to_string(item.nevra), item.repository));
    if (!is_inside(item.location) || item.sha256.empty())
      return fail(Kind::corrupt, "rpm.metadata",
                  fmt::format("{} has no SHA-256, or lies outside of the repository {}",
                              shown(to_string(item.nevra), 200), source->name));
    auto base = source->url.substr(0, source->url.find_last_not_of('/') + 1);
    if (base.starts_with("file://")) {
      auto path = base.substr(7) + "/" + item.location;
      PHOTON_TRY(bool same, has_digest(path, "sha256:" + item.sha256));
      if (!same)
        return fail_at({path}, Kind::corrupt, "rpm.digest",
                       "the package is not what its repository says that it is", "refresh the repository");
      item.location = path;
      continue;
    }
    auto path = fmt::format("{}/{}/{}", folder, source->name, fs::path(item.location).filename().string());
    wanted.push_back({.url = base + "/" + item.location,
                      .to = path,
                      .digest = "sha256:" + item.sha256,
                      .size = item.download_size});
    item.location = path;
  }
  PHOTON_CHECK(download(std::move(wanted), options, work));
  return solution;
}

}  // namespace photon::rpm

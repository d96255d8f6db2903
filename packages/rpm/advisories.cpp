// What a repository says about its packages: advisories (updateinfo) and change logs (other).
#include <algorithm>
#include <functional>

#include "packages/rpm/repository.hpp"
#include "packages/rpm/repository_cache.hpp"

namespace photon::rpm {
namespace {

std::string text(const char* value) { return value ? value : ""; }

struct Fetched {
  RepositoryCache cache;
  Repomd repomd;
};

Result<Fetched> fetched(const RepositorySource& source, const Work& work) {
  PHOTON_TRY(auto cache, RepositoryCache::open(source));
  auto repomd = cache.repomd();
  if (!repomd) {
    PHOTON_CHECK(refresh(source, work));
    repomd = cache.repomd();
    if (!repomd) return tl::unexpected(std::move(repomd).error());
  }
  return Fetched{std::move(cache), std::move(*repomd)};
}

Advisory advisory_of(::Pool* pool, Id id) {
  auto* solvable = pool->solvables + id;
  Advisory advisory;
  advisory.id = std::string(pool_id2str(pool, solvable->name)).substr(6);  // "patch:"
  advisory.kind = text(solvable_lookup_str(solvable, SOLVABLE_PATCHCATEGORY));
  advisory.severity = text(solvable_lookup_str(solvable, UPDATE_SEVERITY));
  advisory.title = text(solvable_lookup_str(solvable, SOLVABLE_SUMMARY));
  advisory.description = text(solvable_lookup_str(solvable, SOLVABLE_DESCRIPTION));
  advisory.time = static_cast<std::int64_t>(solvable_lookup_num(solvable, SOLVABLE_BUILDTIME, 0));
  ::Dataiterator each{};
  dataiterator_init(&each, pool, nullptr, id, UPDATE_REFERENCE, nullptr, 0);
  while (dataiterator_step(&each)) {
    dataiterator_setpos(&each);
    advisory.references.push_back(text(pool_lookup_str(pool, SOLVID_POS, UPDATE_REFERENCE_ID)));
  }
  dataiterator_free(&each);
  dataiterator_init(&each, pool, nullptr, id, UPDATE_COLLECTION, nullptr, 0);
  while (dataiterator_step(&each)) {
    dataiterator_setpos(&each);
    auto part = [&](Id key) {
      Id value = pool_lookup_id(pool, SOLVID_POS, key);
      return std::string(value ? pool_id2str(pool, value) : "");
    };
    advisory.packages.push_back(
        {part(UPDATE_COLLECTION_NAME), evr_from(part(UPDATE_COLLECTION_EVR)), part(UPDATE_COLLECTION_ARCH)});
  }
  dataiterator_free(&each);
  return advisory;
}

}  // namespace

Result<std::vector<Advisory>> advisories(const RepositorySource& source, const Work& work) {
  PHOTON_TRY(auto had, fetched(source, work));
  std::vector<Advisory> result;
  if (!had.repomd.parts.contains("updateinfo")) return result;
  PHOTON_TRY(auto path, had.cache.fetch_part(had.repomd, "updateinfo", work));
  PoolHandle pool(pool_create());
  pool_setdisttype(pool.get(), DISTTYPE_RPM);
  PHOTON_CHECK(read_part(repo_create(pool.get(), source.name.c_str()), path, 0, true));
  Id id = 0;
  FOR_POOL_SOLVABLES(id)
  if (std::string_view(pool_id2str(pool.get(), pool->solvables[id].name)).starts_with("patch:"))
    result.push_back(advisory_of(pool.get(), id));
  return result;
}

Result<std::vector<Change>> changelog(const RepositorySource& source, const Nevra& package,
                                      const Work& work) {
  PHOTON_TRY(auto had, fetched(source, work));
  std::vector<Change> result;
  if (!had.repomd.parts.contains("other")) return result;
  PHOTON_TRY(auto path, had.cache.fetch_part(had.repomd, "other", work));
  PoolHandle pool(pool_create());
  pool_setdisttype(pool.get(), DISTTYPE_RPM);
  auto* repo = repo_create(pool.get(), source.name.c_str());
  // "other" names packages by their checksums, which primary has.
  if (!read_solv(repo, had.cache.path("primary.solv"), had.cache.key(had.repomd)))
    return fail(Kind::corrupt, "rpm.cache", fmt::format("the cache of {} is damaged", source.name),
                "refresh it");
  PHOTON_CHECK(read_part(repo, path, REPO_EXTEND_SOLVABLES));
  Id id = 0;
  FOR_POOL_SOLVABLES(id) {
    const auto& solvable = pool->solvables[id];
    if (package.name != pool_id2str(pool.get(), solvable.name) ||
        package.arch != pool_id2str(pool.get(), solvable.arch) ||
        compare(package.evr, evr_from(pool_id2str(pool.get(), solvable.evr))) != 0)
      continue;
    ::Dataiterator each{};
    dataiterator_init(&each, pool.get(), nullptr, id, SOLVABLE_CHANGELOG, nullptr, 0);
    while (dataiterator_step(&each)) {
      dataiterator_setpos(&each);
      result.push_back(
          {static_cast<std::int64_t>(pool_lookup_num(pool.get(), SOLVID_POS, SOLVABLE_CHANGELOG_TIME, 0)),
           text(pool_lookup_str(pool.get(), SOLVID_POS, SOLVABLE_CHANGELOG_AUTHOR)),
           text(pool_lookup_str(pool.get(), SOLVID_POS, SOLVABLE_CHANGELOG_TEXT))});
    }
    dataiterator_free(&each);
    break;
  }
  std::ranges::stable_sort(result, std::greater(), &Change::time);
  return result;
}

}  // namespace photon::rpm

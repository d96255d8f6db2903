#include "packages/rpm/pool.hpp"

#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <algorithm>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "packages/rpm/librpm.hpp"
#include "packages/rpm/pool_state.hpp"

extern "C" {
#include <solv/repo_rpmdb.h>
}

namespace photon::rpm {
namespace {

// Cached sets that an older version of this folder wrote are made again.
constexpr std::string_view cache_format = "photon.solv 1\n";

Result<void> add_file(::Repo* repo, void* state, const std::string& path) {
  PHOTON_TRY(auto header, read_header(path));
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return fail_errno("stat " + path, errno);
  void* handle = rpm_byrpmh(state, header.get());
  Id id = handle ? repo_add_rpm_handle(repo, handle,
                                       REPO_REUSE_REPODATA | REPO_NO_INTERNALIZE | RPM_ADD_NO_RPMLIBREQS)
                 : 0;
  if (id == 0) return fail_at({path}, Kind::corrupt, "rpm.format", "the RPM's header cannot be used");
  auto* data = repo_last_repodata(repo);
  repodata_set_location(data, id, 0, nullptr, path.c_str());
  repodata_set_num(data, id, SOLVABLE_DOWNLOADSIZE, static_cast<unsigned long long>(status.st_size));
  return {};
}

Result<void> add_all(::Repo* repo, std::span<const std::string> paths) {
  PHOTON_CHECK(start_librpm());
  struct RpmState {
    void* raw;
    explicit RpmState(::Pool* pool) : raw(rpm_state_create(pool, nullptr)) {}
    ~RpmState() { rpm_state_free(raw); }
    RpmState(const RpmState&) = delete;
    RpmState& operator=(const RpmState&) = delete;
  } state(repo->pool);
  repo_add_repodata(repo, 0);
  for (const auto& path : paths) PHOTON_CHECK(add_file(repo, state.raw, path));
  repo_internalize(repo);
  return {};
}

Result<std::string> key_of(std::span<const std::string> paths) {
  Sha256 sum;
  sum.update(cache_format);
  for (const auto& path : paths) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return fail_errno("open " + path, errno);
    sum.update(fmt::format("{}\n{} {}.{} {}\n", path, status.st_size, status.st_mtim.tv_sec,
                           status.st_mtim.tv_nsec, status.st_ino));
  }
  return sum.hex();
}

std::string text(const char* value) { return value ? value : ""; }

}  // namespace

::Repo* Pool::State::add_repository(const std::string& name, int priority) {
  prepared = false;
  auto* repo = repo_create(pool.get(), name.c_str());
  repo->priority = -priority;
  return repo;
}

void Pool::State::prepare(const std::vector<std::string>& excludes) {
  if (prepared && excludes == excluded) return;
  auto* raw = pool.get();
  if (raw->considered) {
    map_free(raw->considered);
    std::free(raw->considered);
    raw->considered = nullptr;
  }
  if (!prepared) pool_addfileprovides(raw);
  if (!excludes.empty()) {
    raw->considered = static_cast<::Map*>(std::calloc(1, sizeof(::Map)));
    map_init(raw->considered, raw->nsolvables);
    map_setall(raw->considered);
    Id id = 0;
    FOR_POOL_SOLVABLES(id) {
      if (raw->solvables[id].repo == raw->installed) continue;
      const char* package = pool_id2str(raw, raw->solvables[id].name);
      if (std::ranges::any_of(excludes,
                              [&](const auto& glob) { return ::fnmatch(glob.c_str(), package, 0) == 0; }))
        MAPCLR(raw->considered, id);
    }
  }
  pool_createwhatprovides(raw);
  excluded = excludes;
  prepared = true;
}

void Pool::State::look_up_file(const std::string& path) {
  Id file = pool_str2id(pool.get(), path.c_str(), 1);
  Ids found;
  for (const Id* at = pool_whatprovides_ptr(pool.get(), file); *at; ++at) found.push(*at);
  ::Dataiterator each{};
  dataiterator_init(&each, pool.get(), nullptr, 0, SOLVABLE_FILELIST, path.c_str(),
                    SEARCH_STRING | SEARCH_FILES);
  for (; dataiterator_step(&each); dataiterator_skip_solvable(&each))
    if (each.repo == pool->installed || pool_installable(pool.get(), pool->solvables + each.solvid))
      queue_pushunique(found.get(), each.solvid);
  dataiterator_free(&each);
  if (!found.empty())
    pool_set_whatprovides(pool.get(), file, pool_queuetowhatprovides(pool.get(), found.get()));
}

Nevra Pool::State::nevra(Id id) const {
  const auto& solvable = pool->solvables[id];
  return {pool_id2str(pool.get(), solvable.name), evr_from(pool_id2str(pool.get(), solvable.evr)),
          pool_id2str(pool.get(), solvable.arch)};
}

std::string Pool::State::name(Id id) const { return to_string(nevra(id)); }

bool Pool::State::is_excluded(Id id) const { return pool->considered && !MAPTST(pool->considered, id); }

Item Pool::State::item(Id id) const {
  auto* solvable = pool->solvables + id;
  Item item;
  item.nevra = nevra(id);
  item.repository = text(solvable->repo->name);
  item.location = text(solvable_lookup_location(solvable, nullptr));
  Id type = 0;
  const char* sum = solvable_lookup_checksum(solvable, SOLVABLE_CHECKSUM, &type);
  if (sum && type == REPOKEY_TYPE_SHA256) item.sha256 = sum;
  item.download_size = solvable_lookup_num(solvable, SOLVABLE_DOWNLOADSIZE, 0);
  item.installed_size = solvable_lookup_num(solvable, SOLVABLE_INSTALLSIZE, 0);
  return item;
}

std::vector<std::string> Pool::State::names_like(const std::string& word) const {
  std::set<std::string_view> names;
  Id id = 0;
  FOR_POOL_SOLVABLES(id) names.insert(pool_id2str(pool.get(), pool->solvables[id].name));
  std::vector<std::string_view> candidates(names.begin(), names.end());
  std::vector<std::string> found;
  if (auto best = nearest(word, candidates); !best.empty()) found.push_back(best);
  for (auto name : candidates)
    if (found.size() < 3 && word.size() >= 3 && name.find(word) != name.npos &&
        std::ranges::find(found, name) == found.end())
      found.emplace_back(name);
  return found;
}

Pool::Pool(std::unique_ptr<State> state) : state_(std::move(state)) {}
Pool::Pool(Pool&&) noexcept = default;
Pool& Pool::operator=(Pool&&) noexcept = default;
Pool::~Pool() = default;

Result<Pool> Pool::create(const std::string& arch) {
  auto state = std::make_unique<State>();
  PHOTON_TRY(state->pool, new_pool(arch));
  state->arch = arch;
  return Pool(std::move(state));
}

Result<void> Pool::add_files(const std::string& name, std::span<const std::string> paths, int priority) {
  auto* repo = state_->add_repository(name, priority);
  auto added = add_all(repo, paths);
  if (!added) repo_free(repo, 1);
  return added;
}

Result<void> Pool::add_files_cached(const std::string& name, std::span<const std::string> paths,
                                    const std::string& cache, int priority) {
  PHOTON_TRY(auto key, key_of(paths));
  auto* repo = state_->add_repository(name, priority);
  if (read_solv(repo, cache, key)) return {};
  // Made in a pool of its own: what other repositories require must not go into the cache.
  auto make = [&]() -> Result<std::string> {
    PHOTON_TRY(auto pool, new_pool(state_->arch));
    auto* made = repo_create(pool.get(), name.c_str());
    PHOTON_CHECK(add_all(made, paths));
    return make_solv(made, key);
  };
  auto bytes = make();
  if (bytes && !read_solv_bytes(repo, *bytes))
    bytes = fail(Kind::internal, "rpm.cache", fmt::format("cannot read back the packages of {}", name));
  if (!bytes) {
    repo_free(repo, 1);
    return tl::unexpected(std::move(bytes).error());
  }
  // A cache that cannot be kept (a full disk, a read-only folder) only costs time.
  static_cast<void>(write_file(cache, *bytes, 0644));
  return {};
}

std::vector<Item> Pool::providers(const std::string& dependency) {
  state_->prepare({});
  if (dependency.starts_with('/')) state_->look_up_file(dependency);
  std::vector<Item> items;
  auto* pool = state_->pool.get();
  Id id = dependency_id(pool, dependency);
  if (id == 0) return items;
  for (const Id* at = pool_whatprovides_ptr(pool, id); *at; ++at) items.push_back(state_->item(*at));
  return items;
}

}  // namespace photon::rpm

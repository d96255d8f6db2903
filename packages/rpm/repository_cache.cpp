#include "packages/rpm/repository_cache.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "devenv/core/name.hpp"

extern "C" {
#include <solv/repo_rpmmd.h>
#include <solv/repo_solv.h>
#include <solv/repo_updateinfoxml.h>
#include <solv/repo_write.h>
}

namespace photon::rpm {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view format = "photon.repository 1 ";
constexpr std::uint64_t most_part = 1ULL << 30;
constexpr int extending = REPO_USE_LOADING | REPO_EXTEND_SOLVABLES | REPO_LOCALPOOL;

// What stands in primary.solv for file lists that are elsewhere.
void announce_file_lists(::Repo* repo) {
  auto* data = repo_add_repodata(repo, 0);
  repodata_extend_block(data, repo->start, repo->end - repo->start);
  Id handle = repodata_new_handle(data);
  repodata_set_poolstr(data, handle, REPOSITORY_REPOMD_TYPE, "filelists");
  repodata_add_idarray(data, handle, REPOSITORY_KEYS, SOLVABLE_FILELIST);
  repodata_add_idarray(data, handle, REPOSITORY_KEYS, REPOKEY_TYPE_DIRSTRARRAY);
  repodata_add_flexarray(data, SOLVID_META, REPOSITORY_EXTERNAL, handle);
  repodata_internalize(data);
  repodata_create_stubs(repo_last_repodata(repo));
}

Result<std::string> write_range(::Repo* repo, int begin, int end, int flags, const std::string& key) {
  char* bytes = nullptr;
  std::size_t length = 0;
  Stream stream(::open_memstream(&bytes, &length));
  auto* writer = repowriter_create(repo);
  repowriter_set_userdata(writer, key.data(), static_cast<int>(key.size()));
  repowriter_set_repodatarange(writer, begin, end);
  repowriter_set_flags(writer, flags);
  bool failed = !stream || repowriter_write(writer, stream.get()) != 0;
  repowriter_free(writer);
  stream.reset();
  std::string result = failed ? std::string() : std::string(bytes, length);
  std::free(bytes);
  if (failed)
    return fail(Kind::internal, "rpm.cache", fmt::format("the cache of {} cannot be made", repo->name));
  return result;
}

}  // namespace

Result<void> read_part(::Repo* repo, const std::string& path, int flags, bool updateinfo) {
  PHOTON_TRY(auto unpacked, Unpacked::open(path));
  int status = updateinfo ? repo_add_updateinfoxml(repo, unpacked->stream(), flags)
                          : repo_add_rpmmd(repo, unpacked->stream(), nullptr, flags);
  if (auto fault = unpacked->fault()) return tl::unexpected(std::move(*fault));
  if (status != 0)
    return fail_at(
        {path}, Kind::corrupt, "rpm.metadata",
        fmt::format("the metadata of {} is damaged: {}", repo->name, shown(pool_errstr(repo->pool), 200)));
  return {};
}

Result<RepositoryCache> RepositoryCache::open(const RepositorySource& source) {
  static constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  if (source.name.empty() || source.name.starts_with('.') ||
      source.name.find_first_not_of(allowed) != std::string::npos)
    return fail(Kind::usage, "rpm.repository",
                fmt::format("{} is no name of a repository", shown(source.name)),
                "use letters, digits, dots and dashes");
  if (!source.url.starts_with("http://") && !source.url.starts_with("https://") &&
      !source.url.starts_with("file:///"))
    return fail(Kind::usage, "rpm.repository",
                fmt::format("{} is no address of a repository", shown(source.url)),
                "https://, http:// or file:///");
  RepositoryCache cache;
  cache.name_ = source.name;
  cache.folder_ = source.cache + "/" + source.name;
  cache.base_ = source.url.substr(0, source.url.find_last_not_of('/') + 1);
  PHOTON_CHECK(make_directories(cache.folder_, 0755));
  return cache;
}

std::string RepositoryCache::key(const Repomd& repomd) const { return std::string(format) + repomd.sha256; }

Result<Fd> RepositoryCache::lock() const {
  PHOTON_TRY(auto fd, open_fd(path("lock"), O_RDWR | O_CREAT | O_NOFOLLOW, 0644));
  while (::flock(fd.get(), LOCK_EX) != 0)
    if (errno != EINTR) return fail_errno("lock " + path("lock"), errno);
  return fd;
}

Result<Repomd> RepositoryCache::repomd() const {
  PHOTON_TRY(auto bytes, read_file(path("repomd.xml"), 4 << 20));
  return parse_repomd(bytes, name_);
}

bool RepositoryCache::has_primary(const Repomd& repomd) const {
  Stream stream(std::fopen(path("primary.solv").c_str(), "re"));
  unsigned char* found = nullptr;
  int length = 0;
  if (!stream || solv_read_userdata(stream.get(), &found, &length) != 0) return false;
  bool same = std::string_view(reinterpret_cast<char*>(found),
                               static_cast<std::size_t>(std::max(length, 0))) == key(repomd);
  std::free(found);
  return same;
}

Result<std::string> RepositoryCache::fetch_part(const Repomd& repomd, const std::string& type,
                                                const Work& work) const {
  auto part = repomd.parts.find(type);
  if (part == repomd.parts.end())
    return fail(Kind::not_found, "rpm.metadata", fmt::format("the repository {} has no {}", name_, type));
  auto to = path("parts/" + fs::path(part->second.location).filename().string());
  PHOTON_CHECK(download({{.url = url(part->second.location),
                          .to = to,
                          .digest = part->second.digest,
                          .size = part->second.size,
                          .limit = most_part}},
                        {}, work));
  return to;
}

Result<void> RepositoryCache::make_primary(const Repomd& repomd, const Work& work) {
  std::error_code ignored;
  fs::remove_all(path("parts"), ignored);
  PHOTON_TRY(auto primary, fetch_part(repomd, "primary", work));
  PoolHandle pool(pool_create());
  pool_setdisttype(pool.get(), DISTTYPE_RPM);
  auto* repo = repo_create(pool.get(), name_.c_str());
  PHOTON_CHECK(read_part(repo, primary, 0));
  if (repomd.parts.contains("filelists"))
    announce_file_lists(repo);
  else
    repo_add_repodata(repo, 0);
  std::optional<Error> error;
  serve_file_lists(repo, repomd, work, error);
  Ids files;
  pool_addfileprovides_queue(pool.get(), files.get(), nullptr);
  if (error) return tl::unexpected(std::move(*error));
  auto* meta = repo_id2repodata(repo, 2);
  repodata_extend_block(meta, repo->start, repo->end - repo->start);
  repodata_set_idarray(meta, SOLVID_META, REPOSITORY_ADDEDFILEPROVIDES, files.get());
  repodata_internalize(meta);
  PHOTON_TRY(auto bytes, write_range(repo, 1, 3, 0, key(repomd)));
  PHOTON_CHECK(write_file(path("primary.solv"), bytes, 0644));
  fs::remove_all(path("parts"), ignored);
  return {};
}

void RepositoryCache::serve_file_lists(::Repo* repo, Repomd repomd, const Work& work,
                                       std::optional<Error>& error) {
  serving_ = std::move(repomd);
  work_ = work;
  error_ = &error;
  repo->appdata = this;
  pool_setloadcallback(repo->pool, load, nullptr);
}

int RepositoryCache::load(::Pool* /*pool*/, ::Repodata* data, void* /*unused*/) {
  auto* cache = static_cast<RepositoryCache*>(data->repo->appdata);
  if (!cache) return 0;
  auto loaded = cache->load_file_lists(data->repo, data);
  if (!loaded && !*cache->error_)
    *cache->error_ =
        within(std::move(loaded).error(), "while loading the file lists of " + cache->name_).value();
  return loaded ? 1 : 0;
}

Result<void> RepositoryCache::load_file_lists(::Repo* repo, ::Repodata* data) {
  auto file = path("filelists.solv");
  if (Stream stream(std::fopen(file.c_str(), "re")); stream) {
    unsigned char* found = nullptr;
    int length = 0;
    bool same = solv_read_userdata(stream.get(), &found, &length) == 0 &&
                std::string_view(reinterpret_cast<char*>(found),
                                 static_cast<std::size_t>(std::max(length, 0))) == key(serving_);
    std::free(found);
    std::rewind(stream.get());
    if (same && repo_add_solv(repo, stream.get(), extending) == 0) return {};
  }
  PHOTON_TRY(auto xml, fetch_part(serving_, "filelists", work_));
  PHOTON_CHECK(read_part(repo, xml, extending));
  std::error_code ignored;
  fs::remove(xml, ignored);
  PHOTON_TRY(auto bytes, write_range(repo, data->repodataid, data->repodataid + 1,
                                     REPOWRITER_NO_STORAGE_SOLVABLE, key(serving_)));
  // Not to be able to keep it only costs time.
  static_cast<void>(write_file(file, bytes, 0644));
  return {};
}

}  // namespace photon::rpm

#include "packages/rpm/libsolv.hpp"

#include <cstdlib>

extern "C" {
#include <solv/pool_parserpmrichdep.h>
#include <solv/repo_solv.h>
#include <solv/repo_write.h>
#include <solv/solv_xfopen.h>
}

namespace photon::rpm {

Result<PoolHandle> new_pool(const std::string& arch) {
  if (arch != "x86_64" && arch != "aarch64")
    return fail(Kind::usage, "rpm.arch", fmt::format("the architecture {} is not one of ours", arch),
                "x86_64 and aarch64 are");
  PoolHandle pool(pool_create());
  pool_setdisttype(pool.get(), DISTTYPE_RPM);  // before the architecture, which depends on it
  pool_setarchpolicy(pool.get(), arch.c_str());
  // What is excluded stays in view, so that a problem can name it.
  pool_set_flag(pool.get(), POOL_FLAG_WHATPROVIDESWITHDISABLED, 1);
  return pool;
}

Id dependency_id(::Pool* pool, const std::string& text) {
  if (text.starts_with('(')) return pool_parserpmrichdep(pool, text.c_str());
  auto end = text.find_first_of(" \t");
  auto name = pool_strn2id(pool, text.c_str(), static_cast<unsigned>(std::min(end, text.size())), 1);
  if (end == std::string::npos) return name;
  int flags = 0;
  auto at = text.find_first_not_of(" \t", end);
  for (; at < text.size() && std::string_view("<=>").find(text[at]) != std::string_view::npos; ++at)
    flags |= text[at] == '<' ? REL_LT : text[at] == '>' ? REL_GT : REL_EQ;
  auto begin = text.find_first_not_of(" \t", at);
  if (flags == 0 || begin == std::string::npos) return name;
  auto last = text.find_last_not_of(" \t");
  auto evr = pool_strn2id(pool, text.c_str() + begin, static_cast<unsigned>(last - begin + 1), 1);
  return pool_rel2id(pool, name, evr, flags, 1);
}

Result<std::string> make_solv(::Repo* repo, const std::string& key) {
  auto* pool = repo->pool;
  Ids files;
  pool_addfileprovides_queue(pool, files.get(), nullptr);
  auto* meta = repo_add_repodata(repo, 0);
  repodata_extend_block(meta, repo->start, repo->end - repo->start);
  repodata_set_idarray(meta, SOLVID_META, REPOSITORY_ADDEDFILEPROVIDES, files.get());
  repodata_internalize(meta);

  char* bytes = nullptr;
  std::size_t length = 0;
  Stream stream(::open_memstream(&bytes, &length));
  Repowriter* writer = repowriter_create(repo);
  repowriter_set_userdata(writer, key.data(), static_cast<int>(key.size()));
  bool failed = !stream || repowriter_write(writer, stream.get()) != 0;
  repowriter_free(writer);
  stream.reset();
  std::string result = failed ? std::string() : std::string(bytes, length);
  std::free(bytes);
  if (failed)
    return fail(Kind::internal, "rpm.cache",
                fmt::format("cannot write the packages of {}: {}", repo->name, pool_errstr(pool)));
  return result;
}

bool read_solv(::Repo* repo, const std::string& file, const std::string& key) {
  Stream stream(std::fopen(file.c_str(), "re"));
  if (!stream) return false;
  unsigned char* found = nullptr;
  int length = 0;
  bool same = solv_read_userdata(stream.get(), &found, &length) == 0 && length >= 0 &&
              std::string_view(reinterpret_cast<char*>(found), static_cast<std::size_t>(length)) == key;
  std::free(found);
  if (!same) return false;
  std::rewind(stream.get());
  if (repo_add_solv(repo, stream.get(), 0) == 0) return true;
  repo_empty(repo, 1);
  return false;
}

bool read_solv_bytes(::Repo* repo, std::string& bytes) {
  Stream stream(::fmemopen(bytes.data(), bytes.size(), "r"));
  return stream && repo_add_solv(repo, stream.get(), 0) == 0;
}

}  // namespace photon::rpm

// A clone that gets another owner when its user is known, or lies at another place than before.
#include <sys/stat.h>
#include <unistd.h>

#include "devenv/git/git.hpp"
#include "devenv/git/libgit2.hpp"

namespace photon::git {
namespace {

namespace fs = std::filesystem;

/// Processes of an environment may have put links here, which must not lead our writing elsewhere.
bool has_own_index(const std::string& folder) {
  struct stat git{};
  struct stat index{};
  return ::lstat((folder + "/.git").c_str(), &git) == 0 && S_ISDIR(git.st_mode) &&
         ::lstat((folder + "/.git/index").c_str(), &index) == 0 && S_ISREG(index.st_mode) &&
         index.st_nlink == 1;
}

/// Whether no part of the path below `folder` is a link.
bool lies_within(const std::string& folder, const std::string& path) {
  std::error_code error;
  auto top = fs::canonical(folder, error);
  if (error) return false;
  auto real = fs::canonical(folder + "/" + path, error);
  return !error && real == top / path;
}

/// chown and copying have changed what `git status` compares before it reads a file: a file that is unchanged
/// otherwise is noted with its new owner and number, so that none needs to be read.
Result<void> refresh_index(const std::string& folder) {
  if (!has_own_index(folder)) return {};
  PHOTON_TRY(auto repository, open_repository(folder));
  Index index;
  if (int status = git_repository_index(Out(index), repository.get()); status < 0)
    return fail_git("read the index", status);
  for (std::size_t i = 0; i < git_index_entrycount(index.get()); ++i) {
    // The entry is ours until the index is written; libgit2 has no other way to set these fields in place.
    auto& entry = *const_cast<git_index_entry*>(git_index_get_byindex(index.get(), i));
    auto path = folder + "/" + entry.path;
    if (entry.mode == GIT_FILEMODE_COMMIT) {
      if (lies_within(folder, entry.path)) PHOTON_CHECK(refresh_index(path));
      continue;
    }
    struct stat info{};
    if (::lstat(path.c_str(), &info) != 0 || std::int32_t(info.st_mtim.tv_sec) != entry.mtime.seconds ||
        std::uint32_t(info.st_size) != entry.file_size)
      continue;
    entry.ctime = {.seconds = std::int32_t(info.st_ctim.tv_sec),
                   .nanoseconds = std::uint32_t(info.st_ctim.tv_nsec)};
    entry.ino = static_cast<std::uint32_t>(info.st_ino);
    entry.uid = info.st_uid;
    entry.gid = info.st_gid;
  }
  if (int status = git_index_write(index.get()); status < 0) return fail_git("write the index", status);
  struct stat of_folder{};
  auto file = folder + "/.git/index";
  if (::stat(folder.c_str(), &of_folder) != 0 ||
      ::lchown(file.c_str(), of_folder.st_uid, of_folder.st_gid) != 0)
    return fail_errno("give away " + file, errno);
  return {};
}

Result<void> give_one(const std::string& path, std::uint32_t uid, std::uint32_t gid) {
  if (::lchown(path.c_str(), uid, gid) != 0) return fail_errno("give away " + path, errno);
  return {};
}

}  // namespace

Result<void> give(const std::string& folder, std::uint32_t uid, std::uint32_t gid) {
  start_library();
  std::error_code error;
  fs::recursive_directory_iterator at(folder, error);
  for (fs::recursive_directory_iterator end; !error && at != end; at.increment(error))
    PHOTON_CHECK(give_one(at->path().string(), uid, gid));
  if (error) return fail_errno("give away " + folder, error.value());
  // Last: whoever looks at the folder's owner knows that all of it is done.
  PHOTON_CHECK(give_one(folder, uid, gid));
  return refresh_index(folder);
}

Result<void> copied(const std::string& folder) {
  start_library();
  return refresh_index(folder);
}

}  // namespace photon::git

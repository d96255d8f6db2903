#include "devenv/git/checkout.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <thread>

#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"

namespace photon::git {
namespace {

constexpr std::size_t parallel_from = 2000;

tl::unexpected<Error> refused(std::string_view path, std::string_view why) {
  return fail(Kind::corrupt, "git.tree", fmt::format("the repository holds {}, {}", shown(path), why),
              "it was made to harm, or by a broken tool: tell its owner");
}

Result<Fd> open_beneath(int root, const std::string& path) {
  open_how how{};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  auto fd = int(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
  if (fd < 0) return fail_errno(fmt::format("open the folder {}", shown(path)), errno);
  return Fd(fd);
}

/// What `git status` compares before it reads a file.
void fill(git_index_entry& entry, const struct stat& info) {
  entry.ctime = {.seconds = std::int32_t(info.st_ctim.tv_sec),
                 .nanoseconds = std::uint32_t(info.st_ctim.tv_nsec)};
  entry.mtime = {.seconds = std::int32_t(info.st_mtim.tv_sec),
                 .nanoseconds = std::uint32_t(info.st_mtim.tv_nsec)};
  entry.dev = std::uint32_t(info.st_dev);
  entry.ino = std::uint32_t(info.st_ino);
  entry.uid = info.st_uid;
  entry.gid = info.st_gid;
  entry.file_size = std::uint32_t(info.st_size);
}

/// One thread's share of a checkout.
class Writer {
 public:
  Writer(git_odb* odb, int root, const Owner& owner, timespec time)
      : odb_(odb), root_(root), owner_(owner), time_(time) {
    keep_owner_ = ::geteuid() == owner.uid && ::getegid() == owner.gid;
  }

  Result<void> write(git_index_entry& entry) {
    std::string_view path = entry.path;
    auto slash = path.rfind('/');
    PHOTON_CHECK(enter(slash == std::string_view::npos ? "." : std::string(path.substr(0, slash))));
    const char* name = entry.path + (slash == std::string_view::npos ? 0 : slash + 1);
    if (entry.mode == GIT_FILEMODE_COMMIT) return make_folder(entry, name);
    git_odb_object* raw = nullptr;
    if (int status = git_odb_read(&raw, odb_, &entry.id); status < 0)
      return fail_git(fmt::format("read {}", shown(path)), status, Kind::corrupt);
    Handle<git_odb_object, git_odb_object_free> object(raw);
    std::string_view bytes(static_cast<const char*>(git_odb_object_data(raw)), git_odb_object_size(raw));
    total += bytes.size();
    return entry.mode == GIT_FILEMODE_LINK ? make_link(entry, name, bytes) : make_file(entry, name, bytes);
  }

  std::uint64_t total = 0;

 private:
  Result<void> enter(const std::string& folder) {
    if (at_ && folder == folder_) return {};
    PHOTON_TRY(at_, open_beneath(root_, folder));
    folder_ = folder;
    return {};
  }
  Result<void> make_folder(const git_index_entry& entry, const char* name) {
    if (::mkdirat(at_.get(), name, 0755) != 0)
      return fail_errno(fmt::format("make {}", shown(entry.path)), errno);
    if (!keep_owner_ && ::fchownat(at_.get(), name, owner_.uid, owner_.gid, AT_SYMLINK_NOFOLLOW) != 0)
      return fail_errno(fmt::format("give away {}", shown(entry.path)), errno);
    return {};
  }
  Result<void> make_link(git_index_entry& entry, const char* name, std::string_view target) {
    if (target.empty() || target.find('\0') != std::string_view::npos)
      return refused(entry.path, "a link to nowhere");
    if (::symlinkat(std::string(target).c_str(), at_.get(), name) != 0)
      return fail_errno(fmt::format("make the link {}", shown(entry.path)), errno, Kind::corrupt);
    timespec times[2] = {{0, UTIME_OMIT}, time_};
    struct stat info{};
    if ((!keep_owner_ && ::fchownat(at_.get(), name, owner_.uid, owner_.gid, AT_SYMLINK_NOFOLLOW) != 0) ||
        ::utimensat(at_.get(), name, times, AT_SYMLINK_NOFOLLOW) != 0 ||
        ::fstatat(at_.get(), name, &info, AT_SYMLINK_NOFOLLOW) != 0)
      return fail_errno(fmt::format("give away {}", shown(entry.path)), errno);
    fill(entry, info);
    return {};
  }
  Result<void> make_file(git_index_entry& entry, const char* name, std::string_view bytes) {
    mode_t mode = entry.mode == GIT_FILEMODE_BLOB_EXECUTABLE ? 0755 : 0644;
    Fd file(::openat(at_.get(), name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!file) return fail_errno(fmt::format("make {}", shown(entry.path)), errno, Kind::corrupt);
    PHOTON_CHECK(write_all(file.get(), bytes));
    timespec times[2] = {{0, UTIME_OMIT}, time_};
    struct stat info{};
    if ((!keep_owner_ && ::fchown(file.get(), owner_.uid, owner_.gid) != 0) ||
        ::futimens(file.get(), times) != 0 || ::fstat(file.get(), &info) != 0)
      return fail_errno(fmt::format("give away {}", shown(entry.path)), errno);
    fill(entry, info);
    return {};
  }
  git_odb* odb_;
  int root_;
  Owner owner_;
  timespec time_;
  bool keep_owner_;
  Fd at_;
  std::string folder_;
};

/// Every folder once, parents first; the entries are sorted by path.
Result<void> make_folders(git_index* index, int root, const Owner& owner) {
  std::string last;
  for (std::size_t i = 0; i < git_index_entrycount(index); ++i) {
    const git_index_entry* entry = git_index_get_byindex(index, i);
    std::string_view path = entry->path;
    for (std::size_t begin = 0; begin <= path.size();) {
      auto end = std::min(path.find('/', begin), path.size());
      if (is_forbidden_name(path.substr(begin, end - begin)))
        return refused(path, "a name that is not allowed");
      begin = end + 1;
    }
    if (entry->mode == GIT_FILEMODE_LINK && path == ".gitmodules")
      return refused(path, "which may not be a link");
    auto slash = path.rfind('/');
    auto folder = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
    if (folder == last) continue;
    for (std::size_t end = 0; end < folder.size();) {
      end = std::min(folder.find('/', end + 1), folder.size());
      std::string part(folder.substr(0, end));
      if (last == part || last.starts_with(part + "/")) continue;
      auto cut = part.rfind('/');
      PHOTON_TRY(auto parent, open_beneath(root, cut == std::string::npos ? "." : part.substr(0, cut)));
      const char* name = part.c_str() + (cut == std::string::npos ? 0 : cut + 1);
      if (::mkdirat(parent.get(), name, 0755) != 0 && errno != EEXIST)
        return fail_errno(fmt::format("make the folder {}", shown(part)), errno);
      if (::fchownat(parent.get(), name, owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW) != 0)
        return fail_errno(fmt::format("give away {}", shown(part)), errno);
    }
    last = folder;
  }
  return {};
}

Result<bool> wants_conversion(git_repository* repository, git_index* index) {
  Config config;
  if (git_repository_config_snapshot(Out(config), repository) == 0) {
    const char* text = nullptr;
    if (git_config_get_string(&text, config.get(), "core.autocrlf") == 0 && std::string_view(text) == "true")
      return true;
    if (git_config_get_string(&text, config.get(), "core.eol") == 0 && std::string_view(text) == "crlf")
      return true;
  }
  for (std::size_t i = 0; i < git_index_entrycount(index); ++i) {
    const git_index_entry* entry = git_index_get_byindex(index, i);
    std::string_view path = entry->path;
    if (path != ".gitattributes" && !path.ends_with("/.gitattributes")) continue;
    if (entry->mode == GIT_FILEMODE_LINK) continue;
    Blob blob;
    if (git_blob_lookup(Out(blob), repository, &entry->id) < 0)
      return fail_git("read .gitattributes", -1, Kind::corrupt);
    if (asks_for_conversion({static_cast<const char*>(git_blob_rawcontent(blob.get())),
                             std::size_t(git_blob_rawsize(blob.get()))}))
      return true;
  }
  return false;
}

Result<CheckedOut> by_libgit2(git_repository* repository, git_tree* tree, git_index* index,
                              const std::string& folder, const Owner& owner) {
  git_checkout_options options = GIT_CHECKOUT_OPTIONS_INIT;
  options.checkout_strategy = GIT_CHECKOUT_FORCE | GIT_CHECKOUT_DONT_WRITE_INDEX;
  if (int status = git_checkout_tree(repository, reinterpret_cast<git_object*>(tree), &options); status < 0)
    return fail_git(fmt::format("write the files to {}", folder), status);
  PHOTON_TRY(auto root, open_fd(folder, O_PATH | O_DIRECTORY | O_CLOEXEC));
  CheckedOut done;
  git_index_read(index, 0);
  for (std::size_t i = 0; i < git_index_entrycount(index); ++i) {
    const git_index_entry* entry = git_index_get_byindex(index, i);
    if (::fchownat(root.get(), entry->path, owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW) != 0)
      return fail_errno(fmt::format("give away {}", shown(entry->path)), errno);
    struct stat info{};
    if (::fstatat(root.get(), entry->path, &info, AT_SYMLINK_NOFOLLOW) != 0)
      return fail_errno(fmt::format("look at {}", shown(entry->path)), errno);
    if (entry->mode != GIT_FILEMODE_COMMIT) fill(*const_cast<git_index_entry*>(entry), info);
    ++done.files;
    done.bytes += std::uint64_t(info.st_size);
  }
  return done;
}

Result<CheckedOut> by_hand(git_repository* repository, git_index* index, int root, const Owner& owner,
                           const Work& work) {
  auto count = git_index_entrycount(index);
  // Two seconds old: git compares with the index's own time in seconds, and would read younger files again.
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  time = {.tv_sec = time.tv_sec - 2, .tv_nsec = 0};
  std::size_t threads = count > parallel_from && std::thread::hardware_concurrency() > 1 ? 2 : 1;
  std::vector<Result<std::uint64_t>> results(threads, 0);
  auto share = [&](std::size_t number, git_repository* own) -> Result<std::uint64_t> {
    Odb odb;
    if (int status = git_repository_odb(Out(odb), own); status < 0)
      return fail_git("open the objects", status);
    Writer writer(odb.get(), root, owner, time);
    auto end = count * (number + 1) / threads;
    for (auto i = count * number / threads; i < end; ++i) {
      if (work.stopped()) return cancelled();
      // The entry is ours until the index is written; libgit2 has no other way to set these fields in place.
      PHOTON_CHECK(writer.write(*const_cast<git_index_entry*>(git_index_get_byindex(index, i))));
    }
    return writer.total;
  };
  std::optional<std::thread> second;
  if (threads == 2)
    second.emplace([&] {
      auto own = open_repository(git_repository_path(repository));
      results[1] = own ? share(1, own->get()) : tl::unexpected(own.error());
    });
  results[0] = share(0, repository);
  if (second) second->join();
  CheckedOut done{.files = count};
  for (auto& result : results) {
    if (!result) return tl::unexpected(std::move(result.error()));
    done.bytes += *result;
  }
  return done;
}

}  // namespace

Result<CheckedOut> checkout(git_repository* repository, const git_oid& id, const std::string& folder,
                            const Owner& owner, const Work& work) {
  Commit commit;
  Tree tree;
  Index index;
  int status = git_commit_lookup(Out(commit), repository, &id);
  if (status >= 0) status = git_commit_tree(Out(tree), commit.get());
  if (status >= 0) status = git_repository_index(Out(index), repository);
  if (status >= 0) status = git_index_read_tree(index.get(), tree.get());
  if (status < 0) return fail_git("read the commit", status, Kind::corrupt);
  PHOTON_TRY(auto root, open_fd(folder, O_PATH | O_DIRECTORY | O_CLOEXEC));
  PHOTON_CHECK(make_folders(index.get(), root.get(), owner));
  PHOTON_TRY(bool convert, wants_conversion(repository, index.get()));
  auto done = convert ? by_libgit2(repository, tree.get(), index.get(), folder, owner)
                      : by_hand(repository, index.get(), root.get(), owner, work);
  if (!done) return done;
  if (status = git_index_write(index.get()); status < 0) return fail_git("write the index", status);
  return done;
}

}  // namespace photon::git

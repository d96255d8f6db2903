// What an environment has that nothing else has, and the end of borrowing.
#include <dirent.h>
#include <sys/stat.h>

#include "devenv/git/git.hpp"
#include "devenv/git/mirror.hpp"

namespace photon::git {
namespace {

using Statuses = Handle<git_status_list, git_status_list_free>;

Result<std::uint64_t> count_dirty(git_repository* repository) {
  git_status_options options = GIT_STATUS_OPTIONS_INIT;
  options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_EXCLUDE_SUBMODULES;
  Statuses list;
  if (int status = git_status_list_new(Out(list), repository, &options); status < 0)
    return fail_git("read the state of the files", status);
  return git_status_list_entrycount(list.get());
}

/// From every local branch and HEAD, without what a remote branch or tag has.
Result<std::uint64_t> count_unpushed(git_repository* repository) {
  Walk walk;
  int status = git_revwalk_new(Out(walk), repository);
  if (status >= 0) status = git_revwalk_push_glob(walk.get(), "refs/heads/*");
  if (status >= 0 && git_revwalk_push_head(walk.get()) < 0) return 0;  // no commit yet
  if (status >= 0) status = git_revwalk_hide_glob(walk.get(), "refs/remotes/*");
  if (status >= 0) status = git_revwalk_hide_glob(walk.get(), "refs/tags/*");
  if (status < 0) return fail_git("walk the commits", status);
  git_oid id;
  std::uint64_t count = 0;
  while (git_revwalk_next(&id, walk.get()) == 0) ++count;
  return count;
}

bool is_borrowed(const std::string& mirror) {
  std::error_code error;
  std::filesystem::directory_iterator at(mirror + "/refs/devenv", error);
  return !error && at != std::filesystem::directory_iterator();
}

std::uint64_t size_of(const std::string& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error))
    if (std::error_code none; at->is_regular_file(none)) bytes += at->file_size(none);
  return bytes;
}

}  // namespace

Result<Status> status(const std::string& folder) {
  PHOTON_TRY(auto repository, open_repository(folder));
  Status status;
  Reference head;
  if (int found = git_repository_head(Out(head), repository.get()); found == 0) {
    if (git_reference_is_branch(head.get()) == 1) status.branch = git_reference_shorthand(head.get());
    if (const auto* id = git_reference_target(head.get())) status.commit = hex(*id);
  } else if (found != GIT_EUNBORNBRANCH && found != GIT_ENOTFOUND) {
    return fail_git("read HEAD", found);
  }
  PHOTON_TRY(status.dirty, count_dirty(repository.get()));
  PHOTON_TRY(status.unpushed, count_unpushed(repository.get()));
  return status;
}

Result<void> release(const std::vector<std::string>& mirrors, const std::string& borrower) {
  if (borrower.empty() || borrower.find('/') != std::string::npos || borrower.starts_with('.'))
    return fail(Kind::internal, "git.borrower", "a borrower without a name");
  for (const auto& mirror : mirrors) {
    std::error_code error;
    std::filesystem::remove_all(fmt::format("{}/refs/devenv/{}", mirror, borrower), error);
    if (error) return fail_errno(fmt::format("release {}", mirror), error.value());
  }
  return {};
}

Result<void> release_all(const std::string& cache, const std::string& borrower) {
  std::error_code error;
  for (std::filesystem::directory_iterator at(cache, error), end; !error && at != end; at.increment(error))
    if (std::error_code none; std::filesystem::exists(at->path() / "refs/devenv" / borrower, none))
      PHOTON_CHECK(release({at->path().string()}, borrower));
  return {};
}

Result<Collected> gc(const std::string& cache, const Work& work) {
  Collected collected;
  std::error_code error;
  std::vector<std::string> folders;
  for (std::filesystem::directory_iterator at(cache, error), end; !error && at != end; at.increment(error))
    if (at->is_directory(error) && at->path().filename().string().size() == 64)
      folders.push_back(at->path().string());
  for (const auto& folder : folders) {
    if (work.stopped()) return cancelled();
    PHOTON_TRY(auto lock, Lock::try_take(folder));
    if (!lock || is_borrowed(folder)) continue;  // locked: somebody is about to borrow
    auto bytes = size_of(folder);
    std::filesystem::remove_all(folder, error);
    if (error) return fail_errno(fmt::format("remove {}", folder), error.value());
    std::move(*lock).remove();
    ++collected.mirrors;
    collected.bytes += bytes;
    work.report(
        {.step = "gc", .subject = "repositories", .detail = fmt::format("{} removed", collected.mirrors)});
  }
  return collected;
}

}  // namespace photon::git

// An environment's repository: its own refs, index and files, and the objects of a mirror.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/undo.hpp"
#include "devenv/git/checkout.hpp"
#include "devenv/git/fetch.hpp"
#include "devenv/git/git.hpp"
#include "devenv/git/mirror.hpp"
#include "devenv/git/submodules.hpp"

namespace photon::git {
namespace {

Result<void> make_target(const std::string& folder) {
  auto parent = folder.substr(0, folder.rfind('/'));
  if (!parent.empty()) PHOTON_CHECK(make_directories(parent, 0755));
  if (::mkdir(folder.c_str(), 0700) == 0) return {};
  if (errno != EEXIST) return fail_errno(fmt::format("make {}", folder), errno);
  std::error_code error;
  if (std::filesystem::is_empty(folder, error) && !error && !std::filesystem::is_symlink(folder)) {
    ::chmod(folder.c_str(), 0700);
    return {};
  }
  return fail(Kind::conflict, "git.target", fmt::format("{} is there already and holds something", folder));
}

/// The whole of .git belongs to the environment's user. Nobody else can enter the folder yet.
Result<void> give_away(const std::string& folder, const Owner& owner) {
  if (::geteuid() == owner.uid && ::getegid() == owner.gid) return {};
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error))
    if (::lchown(at->path().c_str(), owner.uid, owner.gid) != 0)
      return fail_errno(fmt::format("give away {}", at->path().string()), errno);
  if (::lchown(folder.c_str(), owner.uid, owner.gid) != 0)
    return fail_errno(fmt::format("give away {}", folder), errno);
  return {};
}

}  // namespace

Result<Cloned> clone_into(const CloneRequest& request, const Source& source, const std::string& target,
                          const Work& work, int depth) {
  PHOTON_TRY(auto mirror, Mirror::open(request, source.url, work));
  PHOTON_CHECK(mirror.update(source, request.credentials, work));
  PHOTON_TRY(auto wanted, mirror.find(source));
  checkpoint("clone.lend");
  PHOTON_CHECK(mirror.lend(request.borrower, wanted.commit));
  auto lender = mirror.folder();
  Cloned cloned{.commit = hex(wanted.commit),
                .branch = wanted.branch,
                .mirror = lender,
                .mirrors = {lender},
                .used_network = mirror.used_network(),
                .bytes = mirror.received()};
  Owner owner{request.uid, request.gid};
  PHOTON_CHECK(make_repository(mirror, wanted, source.url, target));
  bool stale = mirror.stale();
  {
    auto unlocked = std::move(mirror);
  }  // others may fetch while we write files
  checkpoint("clone.checkout");
  PHOTON_TRY(auto repository, open_repository(target));
  PHOTON_TRY(auto files, checkout(repository.get(), wanted.commit, target, owner, work));
  cloned.files = files.files;
  if (request.submodules)
    PHOTON_CHECK(add_submodules(request, source, repository.get(), target, cloned, work, depth));
  PHOTON_CHECK(give_away(target + "/.git", owner));
  if (depth == 0)
    work.report(
        {.step = "clone",
         .subject = fmt::format("{} at {}", source.label,
                                wanted.branch.empty() ? cloned.commit.substr(0, 10) : wanted.branch),
         .detail = fmt::format("{} files, {}{}", cloned.files,
                               shown_bytes(cloned.used_network ? cloned.bytes : files.bytes),
                               stale ? ", from the copy of an earlier time: the remote did not answer" : ""),
         .finished = true});
  return cloned;
}

Result<Cloned> clone(const CloneRequest& request, const Work& work) {
  start_library();
  if (request.source.local)
    return fail(Kind::usage, "git.local",
                fmt::format("{} is used in place and not cloned", request.source.url));
  work.report({.step = "clone", .subject = request.source.label, .detail = "asks the remote"});
  PHOTON_CHECK(make_target(request.target));
  OnFailure undo([&] {
    std::error_code ignored;
    std::filesystem::remove_all(request.target, ignored);
    if (!request.borrower.empty()) (void)release_all(request.cache, request.borrower);
  });
  auto cloned = clone_into(request, request.source, request.target, work, 0);
  if (!cloned)
    return within(std::move(cloned.error()), fmt::format("while cloning {}", request.source.label));
  if (::chmod(request.target.c_str(), 0755) != 0 ||
      ::lchown(request.target.c_str(), request.uid, request.gid) != 0)
    return fail_errno(fmt::format("give away {}", request.target), errno);
  undo.release();
  return cloned;
}

}  // namespace photon::git

#include "devenv/git/libgit2.hpp"

namespace photon::git {

void start_library() {
  static const bool started = [] {
    git_libgit2_init();
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 0);
#if defined(LIBGIT2_VERSION_MAJOR) || LIBGIT2_VER_MAJOR > 1 || LIBGIT2_VER_MINOR >= 7
    git_libgit2_opts(GIT_OPT_SET_SERVER_CONNECT_TIMEOUT, 30'000);
    git_libgit2_opts(GIT_OPT_SET_SERVER_TIMEOUT, 120'000);
#endif
    return true;
  }();
  (void)started;
}

std::string last_error() {
  const git_error* error = git_error_last();
  if (error == nullptr || error->message == nullptr) return "unknown error";
  std::string text = error->message;
  if (auto end = text.find('\n'); end != std::string::npos) text.resize(end);
  return text;
}

tl::unexpected<Error> fail_git(std::string_view what, int status, Kind otherwise) {
  const git_error* error = git_error_last();
  std::string text = last_error();
  Kind kind = otherwise;
  if (error != nullptr && (error->klass == GIT_ERROR_ZLIB || error->klass == GIT_ERROR_SHA))
    kind = Kind::corrupt;
  if (text.find("No space left") != std::string::npos || text.find("quota") != std::string::npos)
    kind = Kind::no_space;
  (void)status;
  return fail(kind, "git.failed", fmt::format("cannot {}: {}", what, text));
}

std::string hex(const git_oid& id) {
  std::string text(GIT_OID_HEXSZ, '0');
  git_oid_fmt(text.data(), &id);
  return text;
}

Result<Repository> open_repository(const std::string& folder) {
  start_library();
  Repository repository;
  int status =
      git_repository_open_ext(Out(repository), folder.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
  if (status == GIT_ENOTFOUND)
    return fail(Kind::not_found, "git.no_repository", fmt::format("{} is not a repository", folder));
  if (status < 0) return fail_git(fmt::format("open the repository {}", folder), status);
  return repository;
}

}  // namespace photon::git

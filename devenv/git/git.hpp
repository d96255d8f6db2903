// Cloning by libgit2: one bare mirror per (URL, credential identity), environments borrow from it (decision
// 7).
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/secret.hpp"
#include "devenv/core/work.hpp"

namespace photon::git {

/// What the user typed, taken apart: URL#ref, URL@commit, pull-request refs ("#pull/42" or "#refs/…"),
/// scp-like git@host:path, ssh://, http(s)://, git://, file:// and paths.
struct Source {
  std::string url;     ///< as given to the transport; no password in it
  std::string ref;     ///< branch, tag or full ref; "" = the remote's HEAD
  std::string commit;  ///< full or abbreviated id; "" = the tip of ref
  bool local = false;  ///< a folder of this machine that is used in place
  std::string name;    ///< for an environment's name: last part without .git
  std::string label;   ///< for people: "acme/web"
  bool operator==(const Source&) const = default;
};
/// `text` may be a path; `here` is the caller's folder. Errors: usage, with what is wrong.
Result<Source> parse_source(std::string_view text, const std::string& here);

/// Where logins come from; the daemon passes on what belongs to the calling user.
struct Credentials {
  std::string agent_socket;                    ///< SSH_AUTH_SOCK of the caller; "" = none
  std::vector<std::string> key_files;          ///< default: ~/.ssh/id_ed25519, id_ecdsa, id_rsa
  std::vector<std::string> known_hosts_files;  ///< ~/.ssh/known_hosts, /etc/ssh/ssh_known_hosts
  bool use_git_helpers = true;  ///< `git credential fill` with prompts off, where git is installed
  std::string home;             ///< for helpers and configuration
  std::function<std::optional<std::pair<std::string, Secret>>(const std::string& host)>
      stored;  ///< devenv login
};

struct CloneRequest {
  Source source;
  std::string cache;   ///< folder of mirrors
  std::string target;  ///< folder to make; must not exist or be empty
  Credentials credentials;
  std::uint32_t uid = 0;  ///< owner of what is written
  std::uint32_t gid = 0;
  bool submodules = true;
  std::string borrower;  ///< environment id: the mirror keeps refs/devenv/ID while it borrows
};
struct Cloned {
  std::string commit;
  std::string branch;                ///< "" = detached
  std::string mirror;                ///< folder that must be visible (read-only) at the same path inside
  std::vector<std::string> mirrors;  ///< that one and those of submodules
  bool used_network = false;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;  ///< received
};
/// Progress step "clone". An interrupted first fetch keeps what arrived whole.
Result<Cloned> clone(const CloneRequest& request, const Work& work);

/// Work that exists nowhere else, for `devenv rm` and `ls`.
struct Status {
  std::string branch;
  std::string commit;
  std::uint64_t dirty = 0;     ///< files changed or untracked
  std::uint64_t unpushed = 0;  ///< commits on no remote branch
};
Result<Status> status(const std::string& folder);

/// All of a clone to another owner; `git status` still has nothing to read. Whole once the folder itself is
/// theirs.
Result<void> give(const std::string& folder, std::uint32_t uid, std::uint32_t gid);
/// Whether .gitattributes sends files through Git LFS: what a clone holds of those are pointers.
Result<bool> uses_lfs(const std::string& folder);

/// All of a clone was copied, times and owners with it: `git status` has nothing to read here, either.
Result<void> copied(const std::string& folder);

/// What `borrower` borrows, `another` may rely on as well, until it is released, too.
Result<void> lend_on(const std::vector<std::string>& mirrors, const std::string& borrower,
                     const std::string& another);
/// The environment is gone: its refs in the mirrors, too. Mirrors nobody borrows are pruned by `gc`.
Result<void> release(const std::vector<std::string>& mirrors, const std::string& borrower);
/// The same in all mirrors of that folder: what was cut short may be noted nowhere else.
Result<void> release_all(const std::string& cache, const std::string& borrower);
struct Collected {
  std::uint64_t mirrors = 0;
  std::uint64_t bytes = 0;
};
Result<Collected> gc(const std::string& cache, const Work& work);

}  // namespace photon::git

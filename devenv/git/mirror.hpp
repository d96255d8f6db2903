// A bare repository in the cache: what came from one address with one login. Environments borrow its objects,
// so nothing in it is ever pruned; it goes as a whole when nobody borrows any more.
#pragma once
#include <string>
#include <vector>

#include "devenv/git/git.hpp"
#include "devenv/git/libgit2.hpp"
#include "devenv/git/lock.hpp"

namespace photon::git {

struct Tip {
  std::string name;  ///< refs/heads/main
  git_oid id;
};

struct Wanted {
  git_oid commit;
  std::string branch;    ///< of the environment; "" = detached
  std::string upstream;  ///< the remote's full ref that it follows
};

class Mirror {
 public:
  /// Opens or makes it, locked until the value goes.
  static Result<Mirror> open(const CloneRequest& request, const std::string& url, const Work& work);

  /// Brings it up to date; see README.md for when the network is used.
  Result<void> update(const Source& source, const Credentials& credentials, const Work& work);
  [[nodiscard]] Result<Wanted> find(const Source& source) const;
  /// The borrower's mark, and the address for people who look into the cache.
  Result<void> lend(const std::string& borrower, const git_oid& commit) const;

  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] const std::string& head() const { return head_; }  ///< refs/heads/main; "" = none
  [[nodiscard]] const std::vector<Tip>& tips() const { return tips_; }
  [[nodiscard]] git_repository* repository() const { return repository_.get(); }
  [[nodiscard]] bool used_network() const { return used_network_; }
  [[nodiscard]] std::uint64_t received() const { return received_; }
  [[nodiscard]] bool stale() const { return stale_; }  ///< the remote could not be reached

 private:
  Mirror(std::string folder, std::string url, Lock lock)
      : folder_(std::move(folder)), url_(std::move(url)), lock_(std::move(lock)) {}
  Result<void> load();
  Result<void> fetch(const Source& source, const Credentials& credentials, const Work& work);
  Result<void> store(const std::vector<Tip>& tips, const std::string& head);
  [[nodiscard]] bool fresh() const;

  std::string folder_;
  std::string url_;
  Lock lock_;
  Repository repository_;
  std::string head_;
  std::vector<Tip> tips_;
  bool used_network_ = false;
  bool stale_ = false;
  std::uint64_t received_ = 0;
};

/// packed-refs of `tips`, which must be sorted by name.
std::string packed_refs(const std::vector<Tip>& tips);

}  // namespace photon::git

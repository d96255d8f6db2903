// Features on this machine, each under the digest of its manifest, archive or files: fetched once, whole or
// not there, for several processes at a time.
#pragma once
#include <functional>
#include <set>
#include <string>

#include "devenv/core/fd.hpp"

namespace photon::feature {

class Store {
 public:
  /// `folder` is made with the first feature.
  explicit Store(std::string folder) : folder_(std::move(folder)) {}

  /// The folder of its files; nullopt: it is not here.
  [[nodiscard]] std::optional<std::string> find(const std::string& digest) const;

  /// A place of its own for what is being fetched. It goes with the value; one that a kill has left is swept
  /// later.
  class Draft {
   public:
    Draft(Draft&&) noexcept;
    Draft& operator=(Draft&&) = delete;
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    ~Draft();
    [[nodiscard]] std::string files() const { return folder_ + "/files"; }      ///< what will be kept
    [[nodiscard]] std::string archive() const { return folder_ + "/archive"; }  ///< what will not

   private:
    friend class Store;
    Draft(std::string folder, Fd lock) : folder_(std::move(folder)), lock_(std::move(lock)) {}
    std::string folder_;
    Fd lock_;
  };
  Result<Draft> draft() const;
  /// The draft's files become the digest's, unless somebody was faster: theirs are the same. Where they are.
  Result<std::string> keep(Draft draft, const std::string& digest) const;

  /// Takes away what drafts of processes that are gone have left.
  Result<void> sweep() const;
  /// Bytes of all that are kept.
  [[nodiscard]] std::uint64_t size() const;
  /// Takes away all but those; bytes freed.
  Result<std::uint64_t> collect(const std::set<std::string>& wanted) const;

 private:
  [[nodiscard]] std::string place(const std::string& digest) const;
  std::string folder_;
};

}  // namespace photon::feature

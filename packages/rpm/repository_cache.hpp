// The folder of one repository's cache: repomd.xml, primary.solv, filelists.solv, what has been seen.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "devenv/core/fd.hpp"
#include "packages/rpm/metadata.hpp"
#include "packages/rpm/repository.hpp"

namespace photon::rpm {

class RepositoryCache {
 public:
  /// Makes the folder; usage "rpm.repository" for a name or an address that is none.
  static Result<RepositoryCache> open(const RepositorySource& source);

  [[nodiscard]] std::string path(std::string_view name) const { return folder_ + "/" + std::string(name); }
  [[nodiscard]] std::string url(std::string_view location) const {
    return base_ + "/" + std::string(location);
  }
  /// What a `.solv` was made of.
  [[nodiscard]] std::string key(const Repomd& repomd) const;
  /// One process refreshes at a time.
  [[nodiscard]] Result<Fd> lock() const;
  [[nodiscard]] Result<Repomd> repomd() const;
  [[nodiscard]] bool has_primary(const Repomd& repomd) const;

  /// Fetches primary and writes primary.solv; file lists are looked at where file requires ask for them.
  Result<void> make_primary(const Repomd& repomd, const Work& work);
  /// Fetches a part ("updateinfo"), checked; its path. not_found if there is none.
  Result<std::string> fetch_part(const Repomd& repomd, const std::string& type, const Work& work) const;
  /// From now on libsolv gets file lists from here when it asks; what goes wrong then is left in `error`.
  void serve_file_lists(::Repo* repo, Repomd repomd, const Work& work, std::optional<Error>& error);

 private:
  static int load(::Pool* pool, ::Repodata* data, void* unused);
  Result<void> load_file_lists(::Repo* repo, ::Repodata* data);

  std::string name_, folder_, base_;
  Repomd serving_;
  Work work_;
  std::optional<Error>* error_ = nullptr;
};

/// Reads one XML part into the repository; `flags` are libsolv's.
Result<void> read_part(::Repo* repo, const std::string& path, int flags, bool updateinfo = false);

}  // namespace photon::rpm

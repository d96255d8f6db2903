// A folder that is filled from a stranger's names: nothing is written outside of it, whatever links are in
// it.
#pragma once
#include <set>
#include <string>

#include "devenv/core/fd.hpp"

namespace photon::unpack {

/// The code of an error: a folder is wanted where a link or a file is.
inline constexpr std::string_view behind = "archive.behind";

class Tree {
 public:
  /// Made if it is not there.
  static Result<Tree> open(const std::string& folder);

  /// `path` is relative and without "..", here and below; folders on the way are made.
  Result<void> folder(const std::string& path);
  /// A new file in place of what is there; `mode` is 0755 or 0644.
  Result<Fd> file(const std::string& path, bool executable);
  /// A symbolic link. Its target may be no path that leads out of the folder.
  Result<void> link(const std::string& path, const std::string& target);
  /// A file that was written earlier, for its bytes. It may be no link.
  Result<Fd> read(const std::string& path) const;
  /// One that was written earlier, once more and made to last.
  Result<void> copy(const std::string& from, const std::string& to);
  /// Files were made to last by whoever wrote them; this does it for the folders.
  Result<void> sync() const;

 private:
  /// The open folder that holds the last part of `path`, and that part.
  Result<std::pair<Fd, std::string>> parent(const std::string& path, bool make) const;
  Fd root_;
  mutable std::set<std::string> folders_;
};

}  // namespace photon::unpack

// The files of a system below its root, which may be another folder than "/": read and written so that no
// link leads out of it, and so that a file has its old or its new content, never half of one.
#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "devenv/core/fd.hpp"

namespace photon::first_boot {

/// Whether links on the way count. Where somebody other than root may make them, they do not.
enum class Links { inside_root, none };

struct Attributes {
  mode_t mode = 0644;
  uid_t uid = 0;
  gid_t gid = 0;
};

class Tree {
 public:
  static Result<Tree> open(const std::string& root);

  /// nullopt: there is no such file. More than `limit` bytes, and what is no ordinary file, is an error.
  Result<std::optional<std::string>> read(const std::string& path, std::size_t limit = 1 << 20,
                                          Links links = Links::inside_root) const;
  /// Beside the file, forced to the disk, renamed over it. A link of that name is replaced, not followed.
  Result<void> write(const std::string& path, std::string_view bytes, const Attributes& attributes,
                     Links links = Links::inside_root) const;
  /// The folder and those above it; those that are there stay as they are.
  Result<void> make_folder(const std::string& path, const Attributes& attributes,
                           Links links = Links::inside_root) const;
  [[nodiscard]] bool exists(const std::string& path) const;
  /// Names in a folder, sorted; none where there is no folder.
  [[nodiscard]] std::vector<std::string> list(const std::string& path) const;
  Result<void> link(const std::string& target, const std::string& path) const;
  Result<void> remove(const std::string& path) const;
  /// What passwd, useradd and systemd-sysusers lock as long as they write; held while the answer lives.
  Result<Fd> lock_accounts() const;
  /// "/", the system that runs: then its host name and such may be set, too.
  [[nodiscard]] bool runs() const { return runs_; }

 private:
  Result<Fd> open_at(const std::string& path, std::uint64_t flags, Links links) const;
  Result<Fd> folder_of(const std::string& path, Links links) const;
  Result<void> own(int fd, const std::string& path, const Attributes& attributes) const;

  Fd root_;
  bool runs_ = false;
  bool owners_ = false;  ///< without root's rights (in tests) all files are ours
};

/// "/a//b/./c" → "a/b/c"; an error where it is empty, leaves the root or has a NUL.
Result<std::string> clean_path(std::string_view path);

}  // namespace photon::first_boot

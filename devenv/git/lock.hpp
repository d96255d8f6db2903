// One writer per mirror, over threads and processes: flock on a file beside it.
#pragma once
#include <stop_token>
#include <string>

#include "devenv/core/fd.hpp"

namespace photon::git {

class Lock {
 public:
  /// Waits; cancelled when stopped.
  static Result<Lock> take(const std::string& folder, const std::stop_token& stop);
  /// nullopt: somebody else has it.
  static Result<std::optional<Lock>> try_take(const std::string& folder);
  /// Removes the file, too; for a folder that is gone.
  void remove() &&;

 private:
  Lock(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  std::string path_;
  Fd fd_;
};

}  // namespace photon::git

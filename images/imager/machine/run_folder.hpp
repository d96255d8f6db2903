// Where a running machine has its sockets, its console and what it is handed over.
#pragma once
#include <string>

#include "devenv/core/fd.hpp"

namespace photon::images {

/// In /tmp, for paths of sockets are short; ours alone, and gone with the value. Those of programs that were
/// killed are removed by the next one.
class RunFolder {
 public:
  static Result<RunFolder> make();
  RunFolder(RunFolder&& other) noexcept
      : used_(std::move(other.used_)), path_(std::exchange(other.path_, {})) {}
  RunFolder& operator=(RunFolder&&) = delete;
  ~RunFolder();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  RunFolder(Fd used, std::string path) : used_(std::move(used)), path_(std::move(path)) {}
  Fd used_;  ///< locked: somebody is in it
  std::string path_;
};

}  // namespace photon::images

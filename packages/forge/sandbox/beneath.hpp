// Paths of others below a folder of ours: no link on the way leads out of it.
#pragma once
#include <map>
#include <string>

#include "devenv/core/fd.hpp"

namespace photon::forge {

class Beneath {
 public:
  static Result<Beneath> open(const std::string& folder);
  /// The folder that holds `path` (relative, without ".."), made where it is missing; links are followed as
  /// if ours were the root of all. Valid until the next call.
  Result<int> parent_of(const std::string& path);
  [[nodiscard]] int root() const { return root_.get(); }

 private:
  Result<int> folder(const std::string& path);
  Fd root_;
  std::map<std::string, Fd> known_;
};

/// "./usr//bin/x" → "usr/bin/x"; empty for the folder itself; an error where it would leave. The folders that
/// are links on every machine now are given their real names: "bin/sh" → "usr/bin/sh".
Result<std::string> inside_path(const std::string& path);

}  // namespace photon::forge

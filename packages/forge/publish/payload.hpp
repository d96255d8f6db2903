// The contents of a package's files, for digests that RPM headers do not hold.
#pragma once
#include <map>
#include <string>

#include "devenv/core/error.hpp"

namespace photon::forge {

/// SHA-256 → SHA-1 of each content in the payload: SPDX wants the latter of every file. Bounded: corrupt
/// "publish.payload" beyond 32 GiB.
Result<std::map<std::string, std::string>> sha1_by_sha256(const std::string& rpm);
std::string sha1_hex(const std::string& bytes);

}  // namespace photon::forge

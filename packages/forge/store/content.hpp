// Files by digest: how bytes come below a folder so that they are whole or not there.
#pragma once
#include <string>

#include "devenv/core/error.hpp"
#include "packages/forge/store/store.hpp"

namespace photon::forge {

bool is_sha256(const std::string& text);

/// A second name for the file, or a copy of it where that is on another file system: read-only, on the disk,
/// its digest checked. `staged` is removed by whoever asked.
Result<void> stage(const std::string& file, const std::string& staged, const std::string& sha256);
/// Gives the staged file its place. One that is there with that size already stays.
Result<void> place(const std::string& staged, const std::string& path);

}  // namespace photon::forge

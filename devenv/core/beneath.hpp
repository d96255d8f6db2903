// Another person's folder: nothing outside of it is opened, whatever its links say (openat2(2),
// RESOLVE_BENEATH).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "devenv/core/fd.hpp"

namespace photon {

/// inside: they may lead about, but not out; none: not one is followed.
enum class Links { inside, none };

/// `path` counts from `folder` on. usage "path.outside" of what leads out of `what` ("the workspace").
Result<Fd> open_beneath(int folder, const std::string& path, int flags, std::string_view what,
                        Links links = Links::inside);
/// At most `limit` bytes; nullopt: there is none.
Result<std::optional<std::string>> read_beneath(const std::string& folder, const std::string& path,
                                                std::size_t limit, std::string_view what);
/// Whole or not at all; it belongs to whom the folder around it does.
Result<void> write_beneath(const std::string& folder, const std::string& path, std::string_view bytes,
                           std::string_view what);

}  // namespace photon

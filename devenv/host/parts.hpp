// The pieces of the local host that stand alone.
#pragma once
#include <cstdint>
#include <string>

#include "devenv/core/error.hpp"

namespace photon::host {

/// Fills `folder` with what is mounted at /run/devenv/bin in each environment: devenv-inside (static) and
/// sftp-server with the loader and libraries it was linked with, so that it runs in an image of any libc.
/// Replaced only when a source is newer.
Result<void> make_bundle(const std::string& folder);

/// A bind mount of `source` at `target` in which `host_uid` appears as `uid` (and the other way round), by
/// mount_setattr(2) with a throwaway user namespace.
Result<void> bind_mapped(const std::string& source, const std::string& target, std::uint32_t host_uid,
                         std::uint32_t host_gid, std::uint32_t uid, std::uint32_t gid);

/// Makes `folder` a mount point of its own whose mounts reach the namespaces made from ours later on.
Result<void> share_mounts(const std::string& folder);

}  // namespace photon::host

// Network namespaces as files: a bind mount of /proc/…/ns/net keeps one alive while no process is in it.
#pragma once
#include <functional>
#include <string>

#include "devenv/core/error.hpp"
#include "devenv/core/fd.hpp"

namespace photon::network {

/// Runs `work` in a thread of its own that has joined `netns` (-1: stays in ours), so that no thread of the
/// daemon ever changes its namespace.
Result<void> in_netns(int netns, const std::function<Result<void>()>& work);
/// Opens the namespace; "" is ours.
Result<Fd> open_netns(const std::string& path);
/// Whether the file is a namespace, and not what a crash left of its mount point.
bool is_netns(const std::string& path);
/// Makes a new one, mounts it on `path`, and runs `inside` in it before anybody else can see it.
Result<void> make_netns(const std::string& path, const std::function<Result<void>()>& inside);
/// Mounts the namespace `source` on `path`, too; idempotent.
Result<void> keep_netns(const std::string& source, const std::string& path);
/// What is not there is fine.
Result<void> remove_netns(const std::string& path);

/// Mounts made in `folder` must reach a containerd in a mount namespace of its own that is a slave of ours.
/// Where the mount that holds `folder` is shared already, nothing is to be done; else `folder` becomes a
/// shared mount.
Result<void> share_folder(const std::string& folder);
Result<void> unshare_folder(const std::string& folder);

}  // namespace photon::network

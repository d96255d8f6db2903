// Whether a folder's file system can be written through an overlay. Private to this folder.
#pragma once
#include <string>

namespace photon::engine {

/// containerd only asks whether it can be read through one: on an overlay (this machine is a container
/// itself) or on NFS every container would fail. Tried in a mount namespace that is gone at once.
bool takes_overlays(const std::string& folder, bool in_user_namespace);

}  // namespace photon::engine

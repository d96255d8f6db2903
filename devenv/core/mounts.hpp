// The mounts of a process that has just made a mount namespace of its own.
#pragma once

namespace photon {

/// Sets how all mounts of our own new mount namespace propagate: MS_PRIVATE, MS_SLAVE or MS_SHARED. In a
/// chroot "/" is no mount point, so that it takes no propagation, pivot_root(2) refuses and the kernel gives
/// no user namespace: then the chroot's tree becomes the root of the namespace and we are in no chroot any
/// more. As root only. System calls alone, so that it may be called between fork and exec; 0, or an errno.
[[nodiscard]] int part_mounts(unsigned long propagation) noexcept;

}  // namespace photon

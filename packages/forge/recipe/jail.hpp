// What a spec's macros may do while it is read: they run programs (%(…), Lua), and the spec may be a
// stranger's.
#pragma once
#include <cstddef>

namespace photon::forge {

/// For a process with one thread, made for this. Namespaces of its own, the files of this machine read-only,
/// no capabilities. `true`: the next fork is process 1 of a pid namespace, whose end ends all in it. False:
/// this machine allows no user namespaces; then only `close_doors` and the limits stand.
bool enter_jail();
/// No sockets, no tracing, no new rights: once, before anything of the spec is read.
bool close_doors();
/// Limits of the processor, the memory and the files of one reading.
void limit_reading(unsigned seconds);

}  // namespace photon::forge

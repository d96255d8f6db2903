// What the files of this folder share; nobody else includes it.
#pragma once
#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/fd.hpp"

namespace photon::namespaces {

constexpr int holder_socket = 3;  ///< the holder's end of the socket to its starter

/// A process, told from a later one with the same pid by its start time (field 22 of /proc/PID/stat).
struct Holder {
  pid_t pid = -1;
  unsigned long long started = 0;
};
/// 0: no such process, or a zombie.
unsigned long long start_time(pid_t pid);
/// A pidfd of the holder that the file names, empty if it names none that lives.
struct Living {
  Holder holder;
  Fd pidfd;
};
Result<Living> find_holder(const std::string& runtime);
Result<void> record_holder(const std::string& runtime, pid_t pid);
/// The user namespace of the holder that the file names, whether that lives or not; "" = not known.
std::string recorded_namespace(const std::string& runtime);
/// "user:[4026532345]"; "" = no such process.
std::string namespace_of(pid_t pid);
std::string holder_file(const std::string& runtime);

struct Range {
  unsigned long start = 0;
  unsigned long count = 0;
};
/// The lines of /etc/subuid or /etc/subgid that belong to the user, by name or number.
std::vector<Range> subordinate_ranges(std::string_view text, std::string_view user, unsigned uid);
/// The first 65536 ids that no line of both files gives to anybody: shared ones would be no border.
Range next_range(std::string_view users, std::string_view groups);
/// Reads the file, and asks `getsubids` where the ids come from elsewhere (nsswitch); none is an error with
/// its mending line.
Result<std::vector<Range>> own_ranges(bool groups);
/// 0 → our own id, 1 and up → all ranges, by newuidmap and newgidmap.
Result<void> map_ids(pid_t pid, const std::vector<Range>& users, const std::vector<Range>& groups);

/// In the holder, in its new mount namespace.
Result<void> prepare_mounts(const std::string& runtime, unsigned outer_uid);

std::string user_name(unsigned uid);
/// Why `unshare(CLONE_NEWUSER)` was refused: `error` is its errno.
Error user_namespaces_off(int error);

}  // namespace photon::namespaces

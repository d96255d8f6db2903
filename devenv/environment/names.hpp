// Names among environments: NAME and NAME.devenv in the /etc/hosts of each environment of the same user and
// data folder, kept as they come and go.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "devenv/host/host.hpp"
#include "devenv/store/store.hpp"

namespace photon::environment {

/// A line of /etc/hosts.
struct Named {
  std::string address;
  std::vector<std::string> names;
  bool operator==(const Named&) const = default;
};
/// NAME and NAME.devenv
Named named(const std::string& address, const std::string& name);

/// The whole text, written into the file that is there: it may be mounted, and a new one of that name would
/// not be seen inside.
Result<void> put_in_place(const std::string& path, std::string_view text);

/// A new file: the loopback, then `lines`.
std::string hosts_file(const std::vector<Named>& lines);
/// `file` with the part that names the neighbours set anew; whatever else was written there stays.
std::string with_neighbours(std::string_view file, const std::vector<Named>& neighbours);

/// Tells all connected environments of that user of each other. One that cannot be told keeps what it knows.
void tell_neighbours(store::Store& store, host::Host& host, std::uint32_t owner);

}  // namespace photon::environment

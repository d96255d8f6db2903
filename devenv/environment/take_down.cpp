#include "devenv/core/checkpoint.hpp"
#include "devenv/environment/names.hpp"
#include "devenv/environment/provision.hpp"

namespace photon::environment {

Result<void> take_down(Parts parts, const Record& record, bool remove_container) {
  parts.doors.close_all(record.id);
  checkpoint("down.stop");
  PHOTON_CHECK(parts.host.engine().stop(record.id, std::chrono::seconds(5)));
  checkpoint("down.remove");
  if (remove_container) PHOTON_CHECK(parts.host.engine().remove(record.id));
  checkpoint("down.network");
  PHOTON_CHECK(parts.host.network().detach(record.id));
  tell_neighbours(parts.store, parts.host, record.owner);
  checkpoint("down.mounts");
  return parts.host.unmap_ownership(record.id);
}

}  // namespace photon::environment

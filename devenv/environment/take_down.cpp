#include "devenv/core/checkpoint.hpp"
#include "devenv/environment/environments.hpp"
#include "devenv/environment/names.hpp"
#include "devenv/environment/secrets.hpp"
#include "devenv/environment/volumes.hpp"

namespace photon::environment {
namespace {

Result<void> remove_folders(const Folders& folders) {
  std::error_code error;
  std::filesystem::remove_all(folders.data, error);
  if (error)
    return fail(Kind::failed, "environment.delete",
                fmt::format("cannot delete {}: {}", folders.data, error.message()));
  std::filesystem::remove_all(folders.runtime, error);
  return {};
}

}  // namespace

Result<void> take_down(Parts parts, const Record& record, bool remove_container, bool keep_network) {
  parts.doors.close_all(record.id);
  checkpoint("down.stop");
  PHOTON_CHECK(parts.host.engine().stop(record.id, std::chrono::seconds(5)));
  checkpoint("down.remove");
  if (remove_container) PHOTON_CHECK(parts.host.engine().remove(record.id));
  checkpoint("down.network");
  if (!keep_network) PHOTON_CHECK(parts.host.network().detach(record.id));
  tell_neighbours(parts.store, parts.host, record.owner);
  checkpoint("down.mounts");
  return parts.host.unmap_ownership(record.id);
}

Result<void> take_down_beside(Parts parts, const Beside& one, bool remove_container) {
  checkpoint("down.service");
  PHOTON_CHECK(parts.host.engine().stop(one.id, std::chrono::milliseconds(one.grace)));
  if (remove_container) PHOTON_CHECK(parts.host.engine().remove(one.id));
  PHOTON_CHECK(parts.host.network().detach(one.id));
  if (!remove_container) return {};
  auto folders = folders_of(parts.host.paths(), one.id);
  return remove_folders(folders);
}

Result<void> take_down_all(Parts parts, const Record& record, bool remove_containers) {
  for (auto one = record.beside.rbegin(); one != record.beside.rend(); ++one)
    PHOTON_CHECK(take_down_beside(parts, *one, remove_containers));
  return take_down(parts, record, remove_containers);
}

Result<void> Local::erase(const Record& record) {
  checkpoint("erase.mirrors");
  if (!record.mirrors.empty()) (void)git::release(record.mirrors, record.id);
  // What a kill has cut short may borrow where the record does not say so.
  if (!record.local) (void)git::release_all(host_.paths().cache + "/mirrors", record.id);
  PHOTON_TRY(auto rows, store_.environments());
  PHOTON_CHECK(remove_volumes(host_.paths(), record, own_volumes(record, rows)));
  checkpoint("erase.folders");
  PHOTON_CHECK(remove_folders(folders_of(host_.paths(), record.id)));
  forget_secrets(host_.paths(), record.id);
  checkpoint("erase.row");
  return store_.erase(record.id);
}

}  // namespace photon::environment

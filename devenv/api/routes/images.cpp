#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devenv/api/routes/convert.hpp"
#include "devenv/api/routes/router.hpp"
#include "devenv/core/beneath.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/undo.hpp"

namespace photon::routes {
namespace {

using Answered = Result<http::Answer>;

Result<image::Images*> images_of(Services& services) {
  if (services.images) return services.images;
  return fail(Kind::unavailable, "image.engine", "there is no engine for images", "devenv doctor shows why");
}

Answered list(Services& services, const http::Request& request, const Arguments&) {
  PHOTON_TRY(bool with_kept, query_flag(request, "all"));
  PHOTON_TRY(auto* images, images_of(services));
  PHOTON_TRY(auto rows, images->list());
  std::vector<wire::Image> all;
  for (const auto& row : rows) all.push_back({row.name, row.digest, row.size, row.created});
  if (with_kept) {
    PHOTON_TRY(auto kept, services.environments.kept());
    for (const auto& one : kept)
      all.push_back({.name = one.name, .digest = one.key, .size = one.size, .kind = one.kind});
  }
  return answer_list(all);
}

Answered remove(Services& services, const http::Request& request, const Arguments&) {
  auto name = query(request, "name");
  if (name.empty()) return fail(Kind::usage, "image.name", "the image's name is missing", "add ?name=…");
  PHOTON_TRY(auto* images, images_of(services));
  PHOTON_CHECK(images->remove(name));
  return http::Answer{.status = 204};
}

Answered import(Services& services, const http::Request& request, const Arguments&) {
  PHOTON_TRY(auto body, body_of<wire::Import>(request));
  if (!body.path.starts_with('/'))
    return fail(Kind::usage, "image.path", "the archive's path must be absolute");
  PHOTON_TRY(auto* images, images_of(services));
  auto work = [images, body](const Work& with) -> Result<Operations::Outcome> {
    PHOTON_CHECK(images->import(body.path, body.name, with));
    return Operations::Outcome();
  };
  PHOTON_TRY(auto operation, services.operations.begin("import", "", work));
  return accepted(operation);
}

/// A new file in a folder of the caller's own: the machine's daemon is root, and no link leads it elsewhere.
struct Place {
  Fd folder;
  std::string name;
  Fd file;
};
Result<Place> place_of(const std::string& path, const Peer& peer) {
  auto slash = path.rfind('/');
  if (!path.starts_with('/') || slash + 1 == path.size())
    return fail(Kind::usage, "image.path", "the archive's path must be absolute");
  Place place;
  place.name = path.substr(slash + 1);
  PHOTON_TRY(Fd top, open_fd("/", O_RDONLY | O_DIRECTORY));
  auto folder = slash == 0 ? std::string(".") : path.substr(1, slash - 1);
  PHOTON_TRY(place.folder, open_beneath(top.get(), folder, O_RDONLY | O_DIRECTORY, "/", Links::none));
  struct stat found{};
  if (::fstat(place.folder.get(), &found) < 0) return fail_errno("read " + folder, errno);
  if (peer.uid != 0 && found.st_uid != peer.uid)
    return fail(Kind::denied, "image.path",
                fmt::format("the folder of {} belongs to somebody else", shown(path, 200)),
                "name a file in a folder of your own");
  place.file = Fd(::openat(place.folder.get(), place.name.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!place.file) return fail_errno("make " + shown(path, 200), errno);
  if (peer.uid != ::geteuid() && ::fchown(place.file.get(), peer.uid, peer.gid) < 0)
    return fail_errno("give away " + shown(path, 200), errno);
  return place;
}

Answered save(Services& services, const http::Request& request, const Arguments&) {
  PHOTON_TRY(auto body, body_of<wire::Export>(request));
  PHOTON_TRY(auto* images, images_of(services));
  auto work = [images, body, peer = request.peer](const Work& with) -> Result<Operations::Outcome> {
    PHOTON_TRY(auto place, place_of(body.path, peer));
    OnFailure undo([&] { ::unlinkat(place.folder.get(), place.name.c_str(), 0); });
    PHOTON_CHECK(images->save(body.name, place.file.get(), with));
    undo.release();
    return Operations::Outcome();
  };
  PHOTON_TRY(auto operation, services.operations.begin("export", "", work));
  return accepted(operation);
}

Answered pull(Services& services, const http::Request& request, const Arguments&) {
  PHOTON_TRY(auto body, body_of<wire::Pull>(request));
  PHOTON_TRY(auto* images, images_of(services));
  auto work = [images, name = body.name, home = from_wire(body.caller, request.peer).home,
               own = services.login_file](const Work& with) -> Result<Operations::Outcome> {
    PHOTON_CHECK(images->pull(name, image::Logins(home, own), with));
    return Operations::Outcome();
  };
  PHOTON_TRY(auto operation, services.operations.begin("pull", "", work));
  return accepted(operation);
}

Answered collect(Services& services, const http::Request&, const Arguments&) {
  PHOTON_CHECK(images_of(services));
  PHOTON_TRY(auto freed, services.environments.collect());
  return answer(json::object{{"freed", freed}});
}

}  // namespace

std::vector<Route> image_routes() {
  return {{"GET", "/v1/images", list},           {"DELETE", "/v1/images", remove},
          {"POST", "/v1/images/import", import}, {"POST", "/v1/images/export", save},
          {"POST", "/v1/images/pull", pull},     {"POST", "/v1/images/gc", collect}};
}

}  // namespace photon::routes

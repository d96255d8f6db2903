#include "devenv/environment/mounts.hpp"

#include <unistd.h>

#include "devenv/environment/volumes.hpp"

namespace photon::environment {
namespace {

std::string option(const spec::PlanMount& mount, const std::string& name, std::string otherwise = {}) {
  auto found = mount.options.find(name);
  return found == mount.options.end() ? otherwise : found->second;
}

engine::Mount in_memory(const spec::PlanMount& mount) {
  engine::Mount made{"tmpfs", "tmpfs", mount.target, {"nosuid", "nodev"}};
  made.options.push_back("mode=" + option(mount, "tmpfs-mode", "1777"));
  if (auto size = option(mount, "tmpfs-size"); !size.empty()) made.options.push_back("size=" + size);
  if (mount.read_only) made.options.emplace_back("ro");
  return made;
}

}  // namespace

engine::Mount bound(std::string source, std::string target, bool read_only) {
  return {"bind", std::move(source), std::move(target), {"rbind", read_only ? "ro" : "rw"}};
}

Result<engine::Mount> mounted(const spec::PlanMount& mount, Record& record, const Paths& paths) {
  if (mount.type == "tmpfs") return in_memory(mount);
  if (mount.type == "volume") {
    PHOTON_TRY(auto folder, volume_folder(paths, record, mount));
    return bound(folder, mount.target, mount.read_only);
  }
  if (::access(mount.source.c_str(), F_OK) < 0)
    return fail(Kind::usage, "environment.mount",
                fmt::format("the folder {} to be mounted at {} does not exist", mount.source, mount.target),
                "make it, or mend \"mounts\" in devcontainer.json");
  auto made = bound(mount.source, mount.target, mount.read_only);
  if (auto propagation = option(mount, "bind-propagation"); !propagation.empty())
    made.options.push_back(propagation);
  return made;
}

}  // namespace photon::environment

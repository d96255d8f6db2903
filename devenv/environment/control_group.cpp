#include "devenv/environment/control_group.hpp"

#include <unistd.h>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"

namespace photon::environment {
namespace {

namespace fs = std::filesystem;
constexpr const char* top = "/sys/fs/cgroup";

std::string name_of(const std::string& data) { return "devenv-build-" + sha256_hex(data).substr(0, 8); }

std::vector<std::string> folders_in(const std::string& folder) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (std::error_code none; entry.is_directory(none) && !entry.is_symlink(none))
      found.push_back(entry.path());
  return found;
}

/// Where groups of that name may be: at the top in version 2, in each controller's folder in version 1.
std::vector<std::string> places_of(const std::string& name) {
  std::vector<std::string> found;
  auto bases = folders_in(top);
  bases.emplace_back(top);
  for (const auto& base : bases)
    if (auto path = base + "/" + name; ::access(path.c_str(), F_OK) == 0) found.push_back(path);
  return found;
}

/// Files in it are the kernel's; a group with processes stays.
void remove(const std::string& group) {
  for (const auto& below : folders_in(group)) remove(below);
  ::rmdir(group.c_str());
}

}  // namespace

bool has_controller(std::string_view name) {
  // Version 2 lists them; where version 1 is beside it, that one may have taken them all.
  if (auto listed = read_file(fmt::format("{}/cgroup.controllers", top))) {
    std::string text = " " + *listed;
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text.find(fmt::format(" {} ", name)) != text.npos;
  }
  std::error_code error;
  return fs::is_directory(fmt::format("{}/{}", top, name), error);
}

std::string control_group_of(const std::string& data, const std::string& id) {
  return "/" + name_of(data) + "/" + id;
}

void remove_control_group(const std::string& data, const std::string& id) {
  for (const auto& place : places_of(name_of(data))) {
    remove(place + "/" + id);
    ::rmdir(place.c_str());  // with the last one
  }
}

void sweep_control_groups(const std::string& data, const std::set<std::string>& known) {
  for (const auto& place : places_of(name_of(data))) {
    for (const auto& group : folders_in(place))
      if (!known.contains(fs::path(group).filename())) remove(group);
    ::rmdir(place.c_str());
  }
}

}  // namespace photon::environment

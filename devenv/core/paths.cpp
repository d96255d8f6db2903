#include "devenv/core/paths.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "devenv/core/fd.hpp"

namespace photon {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value && value[0] == '/' ? value : "";
}

std::string home() {
  if (auto found = variable("HOME"); !found.empty()) return found;
  passwd entry{};
  passwd* found = nullptr;
  std::string buffer(4096, '\0');
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found)
    return found->pw_dir;
  return "/";
}

std::string below(const char* xdg, std::string_view otherwise) {
  auto base = variable(xdg);
  return (base.empty() ? home() + std::string(otherwise) : base) + "/devenv";
}

Result<std::string> runtime_folder() {
  if (auto base = variable("XDG_RUNTIME_DIR"); !base.empty()) return base + "/devenv";
  std::string folder = fmt::format("/tmp/devenv-{}", ::getuid());
  PHOTON_CHECK(make_directories(folder));
  struct stat found{};
  if (::lstat(folder.c_str(), &found) < 0 || !S_ISDIR(found.st_mode) || found.st_uid != ::getuid() ||
      (found.st_mode & 077) != 0)
    return fail(Kind::denied, "paths.runtime", folder + " belongs to somebody else",
                "set XDG_RUNTIME_DIR to a folder of your own");
  return folder;
}

}  // namespace

Result<Paths> find_paths(bool system) {
  if (auto base = variable("DEVENV_HOME"); !base.empty())
    return Paths{base + "/data", base + "/cache", base + "/config", base + "/run"};
  if (system) return Paths{"/var/lib/devenv", "/var/cache/devenv", "/etc/devenv", "/run/devenv"};
  PHOTON_TRY(auto runtime, runtime_folder());
  return Paths{below("XDG_DATA_HOME", "/.local/share"), below("XDG_CACHE_HOME", "/.cache"),
               below("XDG_CONFIG_HOME", "/.config"), runtime};
}

std::string program_folder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path().string();
}

Result<std::string> sibling_program(std::string_view name) {
  auto folder = program_folder();
  for (const auto& candidate :
       {fmt::format("{}/{}", folder, name), fmt::format("{}/../libexec/devenv/{}", folder, name)})
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  return fail(Kind::not_found, "paths.program",
              fmt::format("the program {} is not installed beside {}", name, folder),
              "install the package devenv again");
}

}  // namespace photon

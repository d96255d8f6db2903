#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "devenv/core/process.hpp"
#include "devenv/engine/namespaces/namespaces.hpp"
#include "devenv/engine/namespaces/parts.hpp"

namespace photon::namespaces {
namespace {

// -1: no such setting on this kernel.
long setting(const char* path) {
  auto text = read_file(path, 4096);
  return text ? std::strtol(text->c_str(), nullptr, 10) : -1;
}

Error off(std::string message, std::string hint) {
  return Error{
      .kind = Kind::denied, .code = "namespaces.off", .message = std::move(message), .hint = std::move(hint)};
}

std::optional<Error> switched_off() {
  if (setting("/proc/sys/user/max_user_namespaces") == 0)
    return off("user namespaces are switched off on this machine",
               "sudo sysctl -w user.max_user_namespaces=15000");
  if (setting("/proc/sys/kernel/unprivileged_userns_clone") == 0)
    return off("user namespaces are kept from ordinary users on this machine",
               "sudo sysctl -w kernel.unprivileged_userns_clone=1");
  if (setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") > 0)
    return off("AppArmor keeps user namespaces from programs without a profile",
               "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
  return std::nullopt;
}

std::optional<Error> faulty_mapper(const std::string& name) {
  auto program = find_program(name);
  if (!program)
    return Error{.kind = Kind::unavailable,
                 .code = "namespaces.mapper",
                 .message = fmt::format("the program {} is not installed", name),
                 .hint = "sudo apt install uidmap"};
  // A package manager gives it the bit or a file capability; a copy without both maps nothing.
  struct stat status{};
  if (::stat(program->c_str(), &status) == 0 && (status.st_mode & S_ISUID) == 0 &&
      ::getxattr(program->c_str(), "security.capability", nullptr, 0) <= 0)
    return Error{.kind = Kind::denied,
                 .code = "namespaces.mapper",
                 .message = fmt::format("{} has no right to map ids", *program),
                 .hint = fmt::format("sudo chmod u+s {}", *program)};
  return std::nullopt;
}

}  // namespace

Error user_namespaces_off(int error) {
  if (auto found = switched_off()) return *found;
  if (error == ENOSPC || error == EUSERS)
    return off("this machine has no user namespace left for you",
               "sudo sysctl -w user.max_user_namespaces=15000");
  return off(fmt::format("the kernel gives us no user namespace: {}", std::strerror(error)),
             "where this is a container itself, start it with --security-opt seccomp=unconfined");
}

std::vector<Error> problems() {
  std::vector<Error> found;
  if (::geteuid() == 0) return found;
  if (auto error = switched_off()) found.push_back(*error);
  for (const char* name : {"newuidmap", "newgidmap"})
    if (auto error = faulty_mapper(name)) found.push_back(*error);
  for (bool groups : {false, true})
    if (auto ranges = own_ranges(groups); !ranges) found.push_back(ranges.error());
  return found;
}

}  // namespace photon::namespaces

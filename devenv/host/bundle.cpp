#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devenv/core/derived.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/paths.hpp"
#include "devenv/core/process.hpp"
#include "devenv/host/parts.hpp"

namespace photon::host {
namespace fs = std::filesystem;
namespace {

// By contents of another inode and a rename, since the old file may be running in an environment.
Result<void> refresh(const std::string& from, const std::string& to) {
  struct stat source{};
  struct stat copy{};
  if (::stat(from.c_str(), &source) < 0) return fail_errno("read " + from, errno);
  if (::stat(to.c_str(), &copy) == 0 && copy.st_size == source.st_size && copy.st_mtime >= source.st_mtime)
    return {};
  PHOTON_TRY(auto bytes, read_file(from, 256 << 20));
  return write_derived(to, bytes, 0755);
}

// `ldd` names the loader and every library with its path.
Result<std::vector<std::string>> libraries_of(const std::string& program) {
  PHOTON_TRY(auto listed, run({.argv = {"ldd", program}}));
  std::vector<std::string> found;
  for (std::size_t at = 0; at < listed.out.size();) {
    auto end = std::min(listed.out.find('\n', at), listed.out.size());
    std::string line = listed.out.substr(at, end - at);
    at = end + 1;
    auto slash = line.find('/');
    auto space = line.find(" (");
    if (slash != line.npos && space != line.npos && slash < space)
      found.push_back(line.substr(slash, space - slash));
  }
  return found;
}

Result<void> bundle_sftp_server(const std::string& folder) {
  std::string program;
  for (const char* candidate :
       {"/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/libexec/sftp-server"})
    if (::access(candidate, X_OK) == 0) program = candidate;
  if (program.empty()) return {};  // doctor says so; everything but sftp works
  std::string lib = folder + "/lib";
  PHOTON_CHECK(make_directories(lib, 0755));
  PHOTON_CHECK(refresh(program, lib + "/sftp-server"));
  PHOTON_TRY(auto libraries, libraries_of(program));
  std::string loader;
  for (const auto& library : libraries) {
    std::string name = fs::path(library).filename();
    if (name.starts_with("ld-")) loader = name;
    PHOTON_CHECK(refresh(library, lib + "/" + name));
  }
  if (loader.empty()) return {};
  std::string wrapper = fmt::format(
      "#!/bin/sh\nexec /run/devenv/bin/lib/{} --library-path /run/devenv/bin/lib "
      "/run/devenv/bin/lib/sftp-server \"$@\"\n",
      loader);
  auto present = read_file(folder + "/sftp-server");
  if (present && *present == wrapper) return {};
  return write_derived(folder + "/sftp-server", wrapper, 0755);
}

}  // namespace

Result<void> make_bundle(const std::string& folder) {
  PHOTON_CHECK(make_directories(folder, 0755));
  PHOTON_TRY(auto inside, sibling_program("devenv-inside"));
  PHOTON_CHECK(refresh(inside, folder + "/devenv-inside"));
  return bundle_sftp_server(folder);
}

}  // namespace photon::host

#include "images/imager/namespace.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "devenv/core/process.hpp"

namespace photon::images {
namespace {

// Owners of packages' files go up to 65534, nobody.
constexpr unsigned long ids_needed = 65536;

unsigned long number(std::string_view text) {
  unsigned long value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// What /etc/subuid or /etc/subgid has for the user, by name or number.
struct Ranges {
  unsigned long largest = 0;    ///< of the user's own ranges
  unsigned long free = 100000;  ///< the first number behind everybody's
};

Ranges ranges_in(const std::string& text, const std::string& name, const std::string& uid) {
  Ranges out;
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find('\n', at), text.size());
    auto line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == line.npos || second == line.npos) continue;
    auto begin = number(line.substr(first + 1)), count = number(line.substr(second + 1));
    out.free = std::max(out.free, begin + count);
    if (auto owner = line.substr(0, first); owner == name || owner == uid)
      out.largest = std::max(out.largest, count);
  }
  return out;
}

Result<void> check_ranges() {
  const auto* user = ::getpwuid(::getuid());
  auto uid = std::to_string(::getuid()), name = user ? std::string(user->pw_name) : uid;
  auto users = ranges_in(read_file("/etc/subuid", 1 << 20).value_or(""), name, uid),
       groups = ranges_in(read_file("/etc/subgid", 1 << 20).value_or(""), name, uid);
  auto least = std::min(users.largest, groups.largest);
  if (least >= ids_needed) return {};
  auto free = std::max(users.free, groups.free);
  const auto* file = users.largest <= groups.largest ? "/etc/subuid" : "/etc/subgid";
  auto message =
      least == 0
          ? fmt::format("{} has no range for {}: the files of an image could not get their owners", file,
                        name)
          : fmt::format("the range of {} in {} has {} ids, and {} are needed", name, file, least, ids_needed);
  return fail(Kind::denied, "image.subordinate", std::move(message),
              fmt::format("sudo usermod --add-subuids {0}-{1} --add-subgids {0}-{1} {2}; or run it as root",
                          free, free + ids_needed - 1, name));
}

/// Why the kernel or the set-uid programs refuse, as unshare says it.
Result<void> try_namespace(std::vector<std::string> words) {
  words.emplace_back("true");
  PHOTON_TRY(auto tried, run({.argv = std::move(words)}, {}, std::chrono::seconds(30)));
  if (tried.status == 0) return {};
  std::string said(tried.err.begin(), std::find(tried.err.begin(), tried.err.end(), '\n'));
  return fail(
      Kind::denied, "image.namespace",
      fmt::format("no user namespace can be made here: {}",
                  said.empty() ? fmt::format("unshare ended with {}", tried.status) : said),
      "sudo sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000; or run it as root");
}

}  // namespace

Result<void> become_root(char** argv) {
  if (::geteuid() == 0) return {};
  PHOTON_CHECK(check_ranges());
  for (auto [program, package] : {std::pair("unshare", "util-linux"), std::pair("newuidmap", "uidmap")})
    if (!find_program(program))
      return fail(Kind::unavailable, "image.namespace",
                  fmt::format("no user namespace can be made: {} is not installed", program),
                  fmt::format("sudo apt-get install {}; or run it as root", package));
  std::vector<std::string> words{
      *find_program("unshare"), "--user", "--map-root-user", "--map-auto", "--mount", "--"};
  PHOTON_CHECK(try_namespace(words));
  std::error_code error;
  words.push_back(std::filesystem::read_symlink("/proc/self/exe", error).string());
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  for (auto** word = argv + 1; *word; ++word) pointers.push_back(*word);
  pointers.push_back(nullptr);
  ::execv(pointers[0], pointers.data());
  return fail_errno("run " + words[0], errno);
}

void leave_settings() {
  ::umask(022);
  for (const char* name :
       {"LANG", "LANGUAGE", "TZ", "SOURCE_DATE_EPOCH", "RPM_CONFIGDIR", "MKE2FS_CONFIG", "MTOOLSRC"})
    ::unsetenv(name);
  for (char** one = environ; *one;) {
    std::string_view pair(*one);
    if (pair.starts_with("LC_"))
      ::unsetenv(std::string(pair.substr(0, pair.find('='))).c_str());  // moves the rest down
    else
      ++one;
  }
}

}  // namespace photon::images

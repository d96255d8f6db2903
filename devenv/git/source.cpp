// What a user may type to name a repository, taken apart. Nothing here touches the network.
#include <sys/stat.h>
#include <array>
#include <climits>
#include <cstdlib>

#include "devenv/core/name.hpp"
#include "devenv/git/git.hpp"
#include "devenv/git/url.hpp"

namespace photon::git {
namespace {

constexpr std::string_view forms_hint =
    "a folder, https://HOST/OWNER/NAME, ssh://HOST/PATH, git@HOST:PATH, with #BRANCH, #TAG, #pull/42 or "
    "@COMMIT";

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}
bool is_commit(std::string_view text) { return text.size() >= 7 && text.size() <= 40 && is_hex(text); }

tl::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  return fail(Kind::usage, "source.syntax", fmt::format("{}: {}", shown(text), why), std::string(forms_hint));
}

bool exists(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0;
}

std::string absolute(std::string_view path, const std::string& here) {
  if (path.starts_with('/')) return std::string(path);
  if (path == "~" || path.starts_with("~/"))
    if (const char* home = std::getenv("HOME"); home != nullptr) return home + std::string(path.substr(1));
  return here + "/" + std::string(path);
}

/// A path by its look; words like "web" count only where such a folder exists.
bool looks_like_path(std::string_view text) {
  return text.starts_with('/') || text == "." || text == ".." || text.starts_with("./") ||
         text.starts_with("../") || text == "~" || text.starts_with("~/");
}

bool is_bare(const std::string& path) {
  return exists(path + "/HEAD") && exists(path + "/objects") && exists(path + "/refs");
}

/// The rules of git-check-ref-format that matter for text which reaches a refspec.
bool is_ref(std::string_view ref) {
  if (ref.empty() || ref.starts_with('-') || ref.starts_with('/') || ref.ends_with('/') || ref.ends_with('.'))
    return false;
  for (std::string_view bad : {"..", "//", "@{", "/.", ".lock/", " ", "~", "^", ":", "?", "*", "[", "\\"})
    if (ref.find(bad) != std::string_view::npos) return false;
  return !ref.starts_with('.') && !ref.ends_with(".lock");
}

Result<void> set_ref(Source& source, std::string_view text, std::string_view ref) {
  if (ref.empty()) return refuse(text, "nothing follows the #");
  if (auto at = ref.rfind('@'); at != std::string_view::npos && at > 0 && is_commit(ref.substr(at + 1))) {
    source.commit = ref.substr(at + 1);
    ref = ref.substr(0, at);
  }
  if (!is_ref(ref)) return refuse(text, "what follows the # is no name of a branch or tag");
  if (ref.size() == 40 && is_hex(ref)) {
    source.commit = ref;
    return {};
  }
  auto is_number = [](std::string_view word) {
    return !word.empty() && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
  };
  source.ref = ref;
  if (ref.starts_with("pull/") && is_number(ref.substr(5))) source.ref = fmt::format("refs/{}/head", ref);
  if (ref.starts_with("merge-requests/") && is_number(ref.substr(15)))
    source.ref = fmt::format("refs/{}/head", ref);
  return {};
}

void set_names(Source& source, std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.ends_with("/.git")) path.remove_suffix(5);
  if (path.ends_with(".git")) path.remove_suffix(4);
  auto slash = path.find_last_of("/:");
  source.name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  source.label = source.name;
  if (slash == std::string_view::npos || slash == 0 || path[slash] == ':') return;
  auto before = path.substr(0, slash);
  auto owner =
      before.substr(before.find_last_of("/:") == std::string_view::npos ? 0 : before.find_last_of("/:") + 1);
  if (!owner.empty()) source.label = fmt::format("{}/{}", owner, source.name);
}

Result<Source> from_path(std::string_view text, std::string_view path, std::string_view ref,
                         const std::string& here) {
  std::array<char, PATH_MAX> real{};
  auto full = absolute(path, here);
  if (::realpath(full.c_str(), real.data()) == nullptr)
    return fail(Kind::not_found, "source.missing", fmt::format("there is no folder {}", shown(full, 200)),
                std::string(forms_hint));
  struct stat info{};
  if (::stat(real.data(), &info) != 0 || !S_ISDIR(info.st_mode))
    return refuse(text, "that is a file, not a folder");
  Source source;
  source.url = real.data();
  source.local = ref.empty() && !is_bare(source.url);
  set_names(source, source.url);
  if (source.local) {
    source.label = source.url;
    return source;
  }
  source.url = "file://" + source.url;
  if (!ref.empty()) PHOTON_CHECK(set_ref(source, text, ref));
  return source;
}

Result<Source> from_url(std::string_view text, std::string_view address, std::string_view ref) {
  Source source;
  auto last_slash = address.find_last_of("/:");
  auto at = address.rfind('@');
  if (at != std::string_view::npos && last_slash != std::string_view::npos && at > last_slash) {
    if (!is_commit(address.substr(at + 1)))
      return refuse(text, "what follows the last @ is no commit id (7 to 40 hexadecimal digits)");
    source.commit = address.substr(at + 1);
    address = address.substr(0, at);
  }
  PHOTON_TRY(auto url, parse_url(address));
  if (url.has_password)
    return fail(
        Kind::usage, "source.password",
        fmt::format("the address of {} has a password in it, which would be kept in histories and logs",
                    url.host),
        fmt::format("leave it out and keep it with: devenv login {}", url.host));
  source.url = url.text();
  if (!ref.empty()) PHOTON_CHECK(set_ref(source, text, ref));
  set_names(source, url.path);
  if (source.name.empty()) return refuse(text, "the address has no path to a repository");
  return source;
}

}  // namespace

Result<Source> parse_source(std::string_view text, const std::string& here) {
  if (text.empty()) return refuse(text, "nothing was given");
  if (text.size() > 4096) return refuse(text, "that is too long");
  if (text.starts_with('-')) return refuse(text, "an address cannot begin with a dash");
  for (unsigned char c : text)
    if (c < 0x20 || c == 0x7f) return refuse(text, "an address cannot hold control characters");
  auto scheme = text.find("://");
  auto first_slash = text.find('/');
  if (auto helper = text.find("::"); helper < first_slash && text.find('[') == std::string_view::npos)
    return refuse(text, "helpers such as ext:: run programs and are not followed");
  if (scheme == std::string_view::npos && exists(absolute(text, here)))
    return from_path(text, text, "", here);

  std::string_view ref;
  auto hash = text.find('#');
  auto address = text.substr(0, hash);
  if (hash != std::string_view::npos) {
    ref = text.substr(hash + 1);
    if (ref.empty()) return refuse(text, "nothing follows the #");
  }
  if (scheme == std::string_view::npos || scheme > address.size()) {
    auto colon = address.find(':');
    bool scp = !looks_like_path(address) && colon != std::string_view::npos && colon < address.find('/');
    if (!scp) return from_path(text, address, ref, here);
  }
  return from_url(text, address, ref);
}

}  // namespace photon::git

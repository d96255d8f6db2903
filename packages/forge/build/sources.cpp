#include "packages/forge/build/sources.hpp"

#include <curl/curl.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <mutex>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/handle.hpp"
#include "devenv/core/undo.hpp"
#include "packages/forge/import/import.hpp"
#include "packages/forge/sandbox/sandbox.hpp"

namespace photon::forge {
namespace {

using Curl = Handle<CURL, curl_easy_cleanup>;
constexpr curl_off_t most_bytes = 4LL << 30;

struct Download {
  Fd file{};
  const Work* work = nullptr;
  std::string subject{};
  Result<void> written{};
};

std::size_t take(char* bytes, std::size_t, std::size_t size, void* user) {
  auto& download = *static_cast<Download*>(user);
  download.written = write_all(download.file.get(), {bytes, size});
  return download.written ? size : 0;
}

int tell(void* user, curl_off_t total, curl_off_t now, curl_off_t, curl_off_t) {
  auto& download = *static_cast<Download*>(user);
  if (now > 0)
    download.work->report({.step = "fetch",
                           .subject = download.subject,
                           .detail = {},
                           .done = static_cast<std::uint64_t>(now),
                           .total = static_cast<std::uint64_t>(std::max<curl_off_t>(total, 0))});
  return download.work->stopped() || now > most_bytes ? 1 : 0;
}

Result<void> download(const std::string& url, const std::string& path, const std::string& subject,
                      const Work& work) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  Curl curl(curl_easy_init());
  Download state{.work = &work, .subject = subject};
  PHOTON_TRY(state.file, open_fd(path, O_WRONLY | O_CREAT | O_TRUNC, 0644));
  auto set = [&](auto option, auto value) { curl_easy_setopt(curl.get(), option, value); };
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "https,http,ftp,file");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "https,http");
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, 10L);
  set(CURLOPT_FAILONERROR, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT, 10L);
  set(CURLOPT_LOW_SPEED_LIMIT, 1024L);
  set(CURLOPT_LOW_SPEED_TIME, 30L);
  set(CURLOPT_MAXFILESIZE_LARGE, most_bytes);
  set(CURLOPT_USERAGENT, "photon-forge");
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, tell);
  set(CURLOPT_XFERINFODATA, &state);
  set(CURLOPT_WRITEFUNCTION, take);
  set(CURLOPT_WRITEDATA, &state);
  CURLcode code = curl_easy_perform(curl.get());
  if (work.stopped()) return cancelled();
  if (!state.written) return state.written;
  if (code != CURLE_OK)
    return fail(Kind::unavailable, "forge.fetch", fmt::format("{}: {}", url, curl_easy_strerror(code)));
  return {};
}

std::string missing_note(const Source& source) { return "source.missing." + source.sha256; }

}  // namespace

bool out_of_reach(const Recipe& recipe, Store& store) {
  constexpr std::time_t day = 24 * 3600;
  for (const auto& source : recipe.sources) {
    if (!source.tree.empty() || store.source(source.sha256)) continue;
    auto note = store.note(missing_note(source));
    if (!note || !*note) continue;
    std::time_t when = 0;
    std::from_chars((*note)->data(), (*note)->data() + (*note)->size(), when);
    if (when > std::time(nullptr) - day) return true;
  }
  return false;
}

Result<std::string> fetch_source(const Recipe& recipe, const Source& source, Store& store, const Work& work) {
  if (auto stored = store.source(source.sha256)) return *stored;
  std::string folder = fmt::format("{}/scratch/{}-source-{:.12}", store.folder(), ::getpid(), source.sha256);
  PHOTON_CHECK(make_directories(folder, 0755));
  Finally clean{[&] { (void)remove_scratch(folder); }};
  std::string tried, subject = recipe.name + ": " + source.file;
  std::optional<Error> forged;
  // What a place holds under the name is not always what was pinned (repacked, replaced): the next is asked.
  auto keep = [&](const std::string& file, const std::string& place) -> std::optional<std::string> {
    checkpoint("build.fetched");
    auto added = store.add_source(file, source.sha256);
    if (added) {
      work.report({.step = "fetch", .subject = subject, .detail = place, .finished = true});
      return *added;
    }
    tried += fmt::format("; {}: {}", place, added.error().message);
    if (!forged) forged = std::move(added).error();
    return std::nullopt;
  };
  if (!source.apt.empty() && !source.apt_file.empty()) {
    work.report({.step = "fetch", .subject = subject, .detail = "source package " + source.apt});
    auto file = fetch_apt_source(source.apt, source.apt_file, folder, work);
    if (file) {
      if (auto path = keep(*file, "source package " + source.apt)) return *path;
    } else if (file.error().kind == Kind::cancelled || file.error().kind == Kind::no_space) {
      return tl::unexpected(std::move(file).error());
    } else {
      tried += fmt::format("; source package {}: {}", source.apt, file.error().message);
    }
  }
  if (!source.url.empty()) {
    work.report({.step = "fetch", .subject = subject, .detail = source.url});
    std::string path = folder + "/download";
    auto got = download(source.url, path, subject, work);
    if (got) {
      if (auto kept = keep(path, source.url)) return *kept;
    } else if (got.error().kind == Kind::cancelled || got.error().kind == Kind::no_space) {
      return tl::unexpected(std::move(got).error());
    } else {
      tried += "; " + got.error().message;
    }
  }
  if (forged)
    return fail_at({recipe.folder + "/sources.toml"}, Kind::corrupt, "forge.digest",
                   fmt::format("{} is not what {} pins: {}", source.file, recipe.name, tried.substr(2)),
                   "if the new bytes are the right ones, write their digest there");
  PHOTON_CHECK(store.set_note(missing_note(source), std::to_string(std::time(nullptr))));
  return fail_at({recipe.folder + "/sources.toml"}, Kind::not_found, "forge.source",
                 fmt::format("the source {} of {} (SHA-256 {}) is nowhere: {}", source.file, recipe.name,
                             source.sha256, tried.empty() ? "neither url nor apt is given" : tried.substr(2)),
                 "write a url there that has it");
}

}  // namespace photon::forge

#include "devenv/git/mirror.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devenv/core/digest.hpp"
#include "devenv/core/name.hpp"
#include "devenv/git/fetch.hpp"

namespace photon::git {
namespace {

constexpr auto fresh_for = std::chrono::seconds(60);

/// The login is part of the key: what one user may read is nothing that another finds in the cache.
std::string folder_for(const CloneRequest& request, const std::string& url) {
  return request.cache + "/" +
         sha256_hex(fmt::format("{}\n{}\n{}", url, ::geteuid(), request.credentials.home));
}

bool exists(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0;
}

Result<void> make_bare(const std::string& folder, const std::string& url) {
  for (const char* part : {"/objects/pack", "/objects/info", "/refs/heads", "/refs/tags", "/refs/devenv"})
    PHOTON_CHECK(make_directories(folder + part, 0755));
  PHOTON_CHECK(write_file(folder + "/config",
                          "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
                          "[gc]\n\tauto = 0\n\tpruneExpire = never\n",
                          0644));
  PHOTON_CHECK(write_file(folder + "/description", url + "\n", 0644));
  return write_file(folder + "/HEAD", "ref: refs/heads/main\n", 0644);  // last: with it the repository is one
}

std::string_view short_name(std::string_view ref) {
  for (std::string_view start : {"refs/heads/", "refs/tags/", "refs/"})
    if (ref.starts_with(start)) return ref.substr(start.size());
  return ref;
}

}  // namespace

std::string packed_refs(const std::vector<Tip>& tips) {
  std::string text = "# pack-refs with: sorted \n";
  for (const auto& tip : tips) text += fmt::format("{} {}\n", hex(tip.id), tip.name);
  return text;
}

Result<Mirror> Mirror::open(const CloneRequest& request, const std::string& url, const Work& work) {
  start_library();
  PHOTON_CHECK(make_directories(request.cache, 0700));
  auto folder = folder_for(request, url);
  PHOTON_TRY(auto lock, Lock::take(folder, work.stop));
  Mirror mirror(folder, url, std::move(lock));
  if (!exists(folder + "/HEAD")) PHOTON_CHECK(make_bare(folder, url));
  PHOTON_CHECK(mirror.load());
  return mirror;
}

Result<void> Mirror::load() {
  PHOTON_TRY(repository_, open_repository(folder_));
  tips_.clear();
  head_.clear();
  if (auto text = read_file(folder_ + "/HEAD"); text && text->starts_with("ref: "))
    head_ = text->substr(5, text->find('\n') - 5);
  auto packed = read_file(folder_ + "/packed-refs", 256 << 20);
  if (!packed) return {};
  std::string_view rest = *packed;
  while (!rest.empty()) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    Tip tip;
    if (line.size() < 42 || line[40] != ' ' || git_oid_fromstrn(&tip.id, line.data(), 40) < 0) continue;
    tip.name = line.substr(41);
    tips_.push_back(std::move(tip));
  }
  return {};
}

bool Mirror::fresh() const {
  struct stat info{};
  if (::stat((folder_ + "/fetched").c_str(), &info) != 0) return false;
  auto age = std::chrono::system_clock::now() - std::chrono::system_clock::from_time_t(info.st_mtime);
  return age >= std::chrono::seconds(-1) && age < fresh_for;
}

Result<void> Mirror::update(const Source& source, const Credentials& credentials, const Work& work) {
  bool have = find(source).has_value();
  // A full commit id never changes its meaning, and a minute is what people take for now.
  if (have && (source.commit.size() == 40 || fresh())) return {};
  auto fetched = fetch(source, credentials, work);
  if (fetched) {
    used_network_ = true;
    return {};
  }
  if (have && fetched.error().kind == Kind::unavailable) {
    stale_ = true;
    return {};
  }
  return fetched;
}

Result<void> Mirror::fetch(const Source& source, const Credentials& credentials, const Work& work) {
  FetchRequest request{
      .repository = repository_.get(),
      .url = url_,
      .ref = source.ref,
      .commit = source.commit,
      .label = source.label,
      .credentials = credentials,
      .stored = [&](const std::vector<Tip>& tips, const std::string& head) { return store(tips, head); }};
  PHOTON_TRY(auto fetched, git::fetch(request, work));
  received_ += fetched.bytes;
  PHOTON_CHECK(write_file(folder_ + "/fetched", "", 0644));
  return load();
}

Result<void> Mirror::store(const std::vector<Tip>& tips, const std::string& head) {
  PHOTON_CHECK(write_file(folder_ + "/packed-refs", packed_refs(tips), 0644));
  if (!head.empty()) PHOTON_CHECK(write_file(folder_ + "/HEAD", fmt::format("ref: {}\n", head), 0644));
  return {};
}

Result<Wanted> Mirror::find(const Source& source) const {
  auto tip_of = [&](const std::string& name) -> const Tip* {
    auto at = std::ranges::lower_bound(tips_, name, {}, &Tip::name);
    return at != tips_.end() && at->name == name ? &*at : nullptr;
  };
  const Tip* tip = nullptr;
  if (source.ref.empty()) {
    tip = tip_of(head_);
  } else {
    for (const char* start : {"", "refs/heads/", "refs/tags/"})
      if (tip == nullptr && (*start != '\0' || source.ref.starts_with("refs/")))
        tip = tip_of(start + source.ref);
  }
  std::string commit = source.commit;
  if (tip == nullptr && commit.empty()) commit = source.ref;  // "#1a2b3c4" names a commit if no branch
  bool hexadecimal = commit.size() >= 7 && commit.size() <= 40 &&
                     commit.find_first_not_of("0123456789abcdef") == std::string::npos;
  Wanted wanted{};
  Object object, peeled;
  if (!source.commit.empty() || tip == nullptr) {
    git_oid id;
    if (!hexadecimal || git_oid_fromstrn(&id, commit.c_str(), commit.size()) < 0 ||
        git_object_lookup_prefix(Out(object), repository_.get(), &id, commit.size(), GIT_OBJECT_ANY) < 0) {
      auto what = !commit.empty() ? commit : source.ref;
      if (what.empty())
        return fail(Kind::not_found, "git.empty", fmt::format("{} has no commit yet", source.label),
                    "push one first");
      return fail(Kind::not_found, "git.unknown_ref",
                  fmt::format("{} has no branch, tag or commit {}", source.label, shown(what)),
                  fmt::format("git ls-remote {} lists what there is", url_));
    }
  } else if (git_object_lookup(Out(object), repository_.get(), &tip->id, GIT_OBJECT_ANY) < 0) {
    return fail_git(fmt::format("find {} in the mirror", tip->name), -1, Kind::not_found);
  }
  if (git_object_peel(Out(peeled), object.get(), GIT_OBJECT_COMMIT) < 0)
    return fail(Kind::not_found, "git.no_commit",
                fmt::format("{} of {} is no commit", shown(commit), source.label));
  wanted.commit = *git_object_id(peeled.get());
  if (tip != nullptr && source.commit.empty() && !tip->name.starts_with("refs/tags/")) {
    wanted.branch = short_name(tip->name);
    if (wanted.branch.ends_with("/head") && !tip->name.starts_with("refs/heads/"))
      wanted.branch.resize(wanted.branch.size() - 5);
    wanted.upstream = tip->name;
  }
  return wanted;
}

Result<void> Mirror::lend(const std::string& borrower, const git_oid& commit) const {
  if (borrower.empty()) return {};
  PHOTON_CHECK(make_directories(fmt::format("{}/refs/devenv/{}", folder_, borrower), 0755));
  return write_file(fmt::format("{}/refs/devenv/{}/HEAD", folder_, borrower), hex(commit) + "\n", 0644);
}

}  // namespace photon::git

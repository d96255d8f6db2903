#include "devenv/environment/prebuilds.hpp"

#include <unistd.h>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/clock.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "devenv/git/git.hpp"

namespace photon::environment {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_of_a_kind = 2;
constexpr std::int64_t idle_after = 14 * 24 * 3600;  ///< seconds

bool same_kind(const Prebuild& one, const Prebuild& other) {
  return one.owner == other.owner && one.source == other.source && one.branch == other.branch &&
         one.config == other.config;
}

}  // namespace

std::vector<std::string> superseded(const std::vector<Prebuild>& all, const Prebuild& made) {
  std::vector<std::string> gone;
  std::size_t kept = 1;  // the new one
  for (auto one = all.rbegin(); one != all.rend(); ++one) {
    if (one->id == made.id || !same_kind(*one, made)) continue;
    if (one->key == made.key || kept == most_of_a_kind)
      gone.push_back(one->id);
    else
      ++kept;
  }
  return gone;
}

std::vector<std::string> idle(const std::vector<Prebuild>& all, std::int64_t now) {
  std::vector<std::string> found;
  for (const auto& one : all)
    if (now - std::max(one.created, one.used) > idle_after) found.push_back(one.id);
  return found;
}

Prebuilds::Hold::~Hold() {
  std::lock_guard lock(all_.mutex_);
  all_.held_.extract(prebuild.id);
}

Result<std::vector<Prebuild>> Prebuilds::all() {
  PHOTON_TRY(auto rows, store_.prebuilds());
  std::vector<Prebuild> found;
  for (const auto& row : rows) found.push_back(prebuild_of(row));
  return found;
}

Result<std::vector<Prebuild>> Prebuilds::list() {
  PHOTON_TRY(auto found, all());
  std::erase_if(found, [](const Prebuild& one) { return !one.ready; });
  return found;
}

Result<std::unique_ptr<Prebuilds::Hold>> Prebuilds::find(const std::string& key) {
  std::unique_lock lock(mutex_);
  PHOTON_TRY(auto found, list());
  for (auto one = found.rbegin(); one != found.rend(); ++one) {
    if (one->key != key) continue;
    PHOTON_TRY(bool layer, host_.layers().keep(one->layer()));
    if (layer && has_sources(*one)) {
      held_.insert(one->id);
      return std::make_unique<Hold>(*this, std::move(*one));
    }
    // Somebody has deleted a part of it: the rest is of no use.
    if (!held_.contains(one->id)) (void)take_away(*one);
  }
  return nullptr;
}

/// And the objects that they borrow, of which somebody may have cleared the cache.
bool Prebuilds::has_sources(const Prebuild& prebuild) const {
  std::error_code error;
  auto lends = [&](const std::string& mirror) {
    return fs::is_directory(mirror + "/refs/devenv/" + prebuild.id, error);
  };
  return fs::is_directory(folder(prebuild), error) &&
         std::all_of(prebuild.mirrors.begin(), prebuild.mirrors.end(), lends);
}

Result<void> Prebuilds::note_use(const Prebuild& prebuild) {
  auto used = prebuild;
  used.used = unix_time();
  return store_.put_prebuild(to_row(used));
}

Result<void> Prebuilds::begin(const Prebuild& prebuild) {
  PHOTON_CHECK(store_.put_prebuild(to_row(prebuild)));
  return make_directories(folder(prebuild));
}

Result<void> Prebuilds::ready(Prebuild& prebuild) {
  prebuild.ready = true;
  prebuild.created = unix_time();
  return store_.put_prebuild(to_row(prebuild));
}

Result<void> Prebuilds::remove(const std::string& id) {
  std::lock_guard lock(mutex_);
  PHOTON_TRY(auto found, all());
  for (const auto& one : found) {
    if (one.id != id) continue;
    if (held_.contains(id))
      return fail(Kind::conflict, "prebuild.used", fmt::format("an environment begins from {} just now", id),
                  "try again in a moment");
    return take_away(one);
  }
  return fail(Kind::not_found, "prebuild.unknown", fmt::format("there is no prebuild {}", shown(id)),
              "devenv prebuild ls shows them all");
}

/// From its first step on nobody finds it any more.
Result<void> Prebuilds::take_away(const Prebuild& prebuild) {
  if (prebuild.ready) {
    auto gone = prebuild;
    gone.ready = false;
    PHOTON_CHECK(store_.put_prebuild(to_row(gone)));
  }
  checkpoint("prebuild.going");
  PHOTON_CHECK(host_.layers().let_go(prebuild.layer()));
  checkpoint("prebuild.let-go");
  if (!prebuild.mirrors.empty()) (void)git::release(prebuild.mirrors, prebuild.id);
  std::error_code error;
  fs::remove_all(folder(prebuild), error);
  if (error)
    return fail(Kind::failed, "prebuild.delete",
                fmt::format("cannot delete {}: {}", folder(prebuild), error.message()));
  checkpoint("prebuild.emptied");
  PHOTON_CHECK(store_.erase_prebuild(prebuild.id));
  ::rmdir(base().c_str());  // with the last one
  return {};
}

Result<std::map<std::string, std::uint64_t>> Prebuilds::left_behind() {
  std::map<std::string, std::uint64_t> found;
  PHOTON_TRY(auto layers, host_.layers().list(prebuild_label));
  for (const auto& layer : layers) found[layer.key] = layer.size;
  PHOTON_TRY(auto known, all());
  for (const auto& one : known) found.erase(one.layer());
  return found;
}

Result<std::uint64_t> Prebuilds::drop_idle() {
  std::lock_guard lock(mutex_);
  PHOTON_TRY(auto ready, list());
  auto gone = idle(ready, unix_time());
  std::uint64_t freed = 0;
  for (const auto& one : ready) {
    if (held_.contains(one.id) || std::find(gone.begin(), gone.end(), one.id) == gone.end()) continue;
    PHOTON_CHECK(take_away(one));
    freed += one.source_bytes;
  }
  return freed;
}

Result<std::uint64_t> Prebuilds::collect(const std::function<Result<std::uint64_t>()>& rest) {
  PHOTON_TRY(auto before, left_behind());
  PHOTON_TRY(auto freed, rest());
  PHOTON_TRY(auto after, left_behind());
  for (const auto& [key, bytes] : before)
    if (!after.contains(key)) freed += bytes;
  return freed;
}

Result<void> Prebuilds::sweep() {
  std::lock_guard lock(mutex_);
  PHOTON_TRY(auto known, all());
  std::set<std::string> ids;
  for (const auto& one : known) {
    ids.insert(one.id);
    if (!one.ready) PHOTON_CHECK(take_away(one));
  }
  // Of a journal that is no more, too.
  std::error_code error;
  if (!fs::is_directory(base(), error)) return {};
  for (const auto& entry : fs::directory_iterator(base(), error))
    if (!ids.contains(entry.path().filename())) {
      PHOTON_CHECK(host_.layers().let_go("prebuild-" + entry.path().filename().string()));
      fs::remove_all(entry.path(), error);
    }
  ::rmdir(base().c_str());  // if nothing is left
  return {};
}

}  // namespace photon::environment

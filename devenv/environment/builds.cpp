#include "devenv/environment/builds.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/derived.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/undo.hpp"
#include "devenv/environment/control_group.hpp"
#include "devenv/environment/surroundings.hpp"

namespace photon::environment {
namespace {

namespace fs = std::filesystem;
constexpr int most_attempts = 3;

std::string title_of(const spec::Build& build) {
  auto below = build.repository + "/";
  auto path = build.dockerfile.starts_with(below) ? build.dockerfile.substr(below.size()) : build.dockerfile;
  return build.target.empty() ? shown(path) : fmt::format("{} ({})", shown(path), shown(build.target));
}

/// "crun 1.8.1": the first word is the program.
Result<std::string> runtime_of(host::Host& host) {
  PHOTON_TRY(auto info, host.engine().info());
  return info.runtime.substr(0, info.runtime.find(' '));
}

bool is_proxy_variable(std::string name) {
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return name == "http_proxy" || name == "https_proxy" || name == "no_proxy" || name == "all_proxy";
}

void set_proxies(build::Site& site, const std::map<std::string, std::string>& variables) {
  for (const auto& [name, value] : variables)
    if (is_proxy_variable(name)) site.fetching[name] = value;
  std::vector<std::string> reached;
  (void)add_proxies(reached, variables);
  for (const auto& item : reached)
    site.proxies[item.substr(0, item.find('='))] = item.substr(item.find('=') + 1);
}

}  // namespace

Builds::Hold::~Hold() {
  std::lock_guard lock(builds_.mutex_);
  for (const auto& name : names_) builds_.held_.extract(name);
}

void Builds::hold_name(const std::string& name, Hold& hold) {
  std::lock_guard lock(mutex_);
  held_.insert(name);
  hold.names_.push_back(name);
}

Result<std::optional<image::ImageConfig>> Builds::find(const std::string& name, Hold& hold,
                                                       const Work& work) {
  hold_name(name, hold);
  PHOTON_TRY(auto present, host_.images().find(name));
  if (present) work.report({"image", name, "cached", 0, 0, true});
  return present;
}

Result<image::ImageConfig> Builds::ensure(const spec::Build& build, const BuildSite& site, Hold& hold,
                                          const Work& work) {
  PHOTON_TRY(auto recipe, build::read_recipe(build, work.stop));
  const auto name = recipe.name();
  hold_name(name, hold);
  {
    std::unique_lock lock(mutex_);
    // Whoever is at it may fail: then it is ours to try.
    if (!changed_.wait(lock, work.stop, [&] { return !making_.contains(name); })) return cancelled();
    making_.insert(name);
  }
  Finally leave([&] {
    std::lock_guard lock(mutex_);
    making_.erase(name);
    changed_.notify_all();
  });
  auto title = title_of(build);
  PHOTON_TRY(auto present, host_.images().find(name));
  if (present && !site.rebuild) {
    work.report({"build", title, "cached", 0, 0, true});
    return std::move(*present);
  }
  work.report({"build", title, "", 0, 0, false});
  for (int attempt = 1;; ++attempt) {
    auto image = make(recipe, site, work);
    if (image) work.report({"build", title, "", 0, 0, true});
    if (image || image.error().code != build::changing || attempt == most_attempts) return image;
    PHOTON_TRY(recipe.key, build::key_of(recipe, work.stop));
    hold_name(recipe.name(), hold);
  }
}

Result<image::ImageConfig> Builds::make(build::Recipe& recipe, const BuildSite& site, const Work& work) {
  PHOTON_CHECK(build::usable());
  auto id = random_id();
  {
    std::lock_guard lock(mutex_);
    at_work_.insert(id);
  }
  Finally leave([&] {
    take_away(id);
    std::lock_guard lock(mutex_);
    at_work_.erase(id);
  });
  return run(recipe, site, id, work);
}

Result<image::ImageConfig> Builds::run(build::Recipe& recipe, const BuildSite& asked, const std::string& id,
                                       const Work& work) {
  build::Site site{.data = data(),
                   .id = id,
                   .scratch = scratch(id),
                   .machine_root = !host_.entered().user,
                   .registries = asked.registries,
                   .logins = asked.logins};
  PHOTON_TRY(site.runtime, runtime_of(host_));
  if (site.machine_root) site.control_group = control_group_of(data(), id);
  set_proxies(site, asked.variables);
  PHOTON_TRY(auto attached, host_.network().attach(id, asked.owner));
  site.network = attached.netns;
  PHOTON_TRY(site.resolv_conf, host_.network().resolv_conf());
  checkpoint("build.connected");
  PHOTON_CHECK(enter(site, work));
  bool cut_short = true;
  Finally out([&] { leave(cut_short); });
  auto title = title_of(recipe.build);
  Fd log(asked.log.empty() ? -1 : ::open(asked.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (log) (void)write_all(log.get(), fmt::format("--- build {}\n", title));
  auto line = [&](std::string_view text) {
    if (log) (void)write_all(log.get(), fmt::format("{}\n", text));
    work.report({"build", title, shown(text, 200), 0, 0, false});
  };
  auto image = build::make(recipe, site, host_.images(), line, work);
  cut_short = !image && image.error().kind == Kind::cancelled;
  checkpoint("build.imported");
  return image;
}

/// The storage is everybody's, but for who makes it, or clears away what a kill has left there.
Result<void> Builds::enter(const build::Site& site, const Work& work) {
  PHOTON_CHECK(make_directories(data()));
  std::unique_lock lock(mutex_);
  if (!changed_.wait(lock, work.stop, [&] { return !tidying_; })) return cancelled();
  if (running_ == 0 && (fs::exists(mark()) || !build::is_made(data()))) {
    tidying_ = true;
    lock.unlock();
    auto done = build::tidy(site, work.stop);
    lock.lock();
    tidying_ = false;
    changed_.notify_all();
    PHOTON_CHECK(std::move(done));
  }
  PHOTON_CHECK(write_file(mark(), ""));
  ++running_;
  return {};
}

void Builds::leave(bool cut_short) {
  std::lock_guard lock(mutex_);
  --running_;
  changed_.notify_all();
  // One that was ended has left its container there, and the mark for the next one.
  left_ = left_ || cut_short;
  if (running_ > 0 || std::exchange(left_, false)) return;
  ::unlink(mark().c_str());
}

void Builds::take_away(const std::string& id) {
  // What cannot be taken away now is found by reconcile.
  (void)host_.network().detach(id);
  if (!host_.entered().user) remove_control_group(data(), id);
  std::error_code ignored;
  fs::remove_all(scratch(id), ignored);
  fs::remove_all(data() + "/work/" + id, ignored);
}

std::set<std::string> Builds::at_work() {
  std::lock_guard lock(mutex_);
  return at_work_;
}

Result<void> Builds::sweep() {
  auto known = at_work();
  if (!host_.entered().user) sweep_control_groups(data(), known);
  std::error_code ignored;
  for (const auto& base : {data() + "/work", host_.paths().runtime + "/builds"})
    for (const auto& folder : fs::directory_iterator(base, ignored))
      if (!known.contains(folder.path().filename())) fs::remove_all(folder.path(), ignored);
  return {};
}

Result<std::uint64_t> Builds::collect(const std::set<std::string>& wanted) {
  std::vector<std::string> unwanted;
  bool some_left = false;
  PHOTON_TRY(auto rows, host_.images().list());
  {
    std::lock_guard lock(mutex_);
    for (const auto& row : rows) {
      if (!build::is_built(row.name)) continue;
      bool stays = wanted.contains(row.name) || held_.contains(row.name);
      some_left = some_left || stays;
      if (!stays) unwanted.push_back(row.name);
    }
  }
  for (const auto& name : unwanted) PHOTON_CHECK(host_.images().remove(name));
  std::unique_lock lock(mutex_);
  if (running_ > 0 || tidying_ || !fs::exists(data())) return 0;
  if (some_left && !build::usable()) return 0;  // without buildah its storage is only kept or deleted
  const bool cut_short = fs::exists(mark());
  if (some_left && unwanted.empty() && !cut_short) return 0;
  tidying_ = true;
  lock.unlock();
  const auto before = size();
  auto done = some_left ? forget(unwanted, cut_short) : forget_all();
  lock.lock();
  tidying_ = false;
  changed_.notify_all();
  PHOTON_CHECK(std::move(done));
  const auto after = size();
  return before > after ? before - after : 0;
}

Result<void> Builds::forget(const std::vector<std::string>& names, bool cut_short) {
  auto id = random_id();
  Finally clean([&] { take_away(id); });
  image::RegistryOptions registries;
  image::Logins nobody("", "");
  build::Site site{.data = data(),
                   .id = id,
                   .scratch = scratch(id),
                   .machine_root = !host_.entered().user,
                   .registries = registries,
                   .logins = nobody};
  if (cut_short) {
    PHOTON_CHECK(build::tidy(site, {}));
    ::unlink(mark().c_str());
  }
  return names.empty() ? Result<void>() : build::forget(site, names, {});
}

Result<void> Builds::forget_all() {
  std::error_code error;
  fs::remove_all(data(), error);
  if (error) return fail_errno("delete " + data(), error.value());
  return {};
}

}  // namespace photon::environment

#include "devenv/environment/builder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/undo.hpp"
#include "devenv/environment/mounts.hpp"
#include "devenv/environment/surroundings.hpp"
#include "devenv/environment/tail.hpp"

namespace photon::environment {
namespace {

namespace fs = std::filesystem;
constexpr const char* layer_label = "photon.feature";
constexpr int most_attempts = 5;
constexpr const char* folder_inside = "/run/devenv/feature";

/// The homes as they are by now: a feature before this one may have made the user. Whatever comes from others
/// is in variables; no word of theirs is read as a program. All output goes through one pipe: containerd 1.6
/// closes the log of both when standard output ends, and what was last said on the other one is lost.
constexpr const char* script = R"(home_of() {
  if command -v getent >/dev/null 2>&1; then getent passwd "$1"; else cat /etc/passwd; fi 2>/dev/null |
    while IFS=: read -r name _ uid _ _ home _; do
      if [ "$name" = "$1" ] || [ "$uid" = "$1" ]; then echo "$home"; break; fi
    done
}
_CONTAINER_USER_HOME=$(home_of "$_CONTAINER_USER")
_REMOTE_USER_HOME=$(home_of "$_REMOTE_USER")
export _CONTAINER_USER_HOME _REMOTE_USER_HOME
exec ./install.sh 2>&1)";

/// A copy, for install.sh may write where it lies.
Result<void> copy_files(const LayerPlan& layer, const std::string& to) {
  PHOTON_CHECK(make_directories(fs::path(to).parent_path(), 0755));
  std::error_code error;
  fs::copy(layer.files, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks, error);
  if (error) return fail_errno(fmt::format("copy the feature {}", shown(layer.id, 200)), error.value());
  auto program = to + "/" + feature::install_file;
  if (fs::is_symlink(program, error) || !fs::is_regular_file(program, error))
    return fail(Kind::usage, "feature.install",
                fmt::format("the feature {} has no {}", shown(layer.id, 200), feature::install_file),
                "every feature has one; ask its author");
  fs::permissions(program, fs::perms(0755), error);
  if (error) return fail_errno("make a program of " + program, error.value());
  return {};
}

tl::unexpected<Error> failed(const LayerPlan& layer, int status, const std::string& output) {
  auto tail = output.substr(output.size() > 4000 ? output.size() - 4000 : 0);
  if (!tail.empty() && !tail.ends_with('\n')) tail += '\n';
  return fail(Kind::failed, "feature.install",
              fmt::format("the feature {} failed to install: its {} exited {}", shown(layer.id, 200),
                          feature::install_file, status),
              tail + "nothing of it was kept; mend it or its options, then run the command again");
}

}  // namespace

Builder::Hold::~Hold() {
  std::lock_guard lock(builder_.mutex_);
  for (const auto& key : keys_) builder_.held_.extract(key);
}

Result<void> Builder::ensure(const LayerPlan& layer, const Site& site, Hold& hold, const Work& work) {
  {
    std::unique_lock lock(mutex_);
    held_.insert(layer.key);
    hold.keys_.push_back(layer.key);
    // Whoever is at it may fail: then it is ours to try.
    if (!changed_.wait(lock, work.stop, [&] { return !making_.contains(layer.key); })) return cancelled();
    making_.insert(layer.key);
  }
  Finally leave([&] {
    std::lock_guard lock(mutex_);
    making_.erase(layer.key);
    changed_.notify_all();
  });
  PHOTON_TRY(bool there, host_.layers().keep(layer.key));
  if (there) {
    work.report({"feature", layer.title, "cached", 0, 0, true});
    return {};
  }
  work.report({"feature", layer.title, "", 0, 0, false});
  PHOTON_CHECK(make(layer, site, work));
  work.report({"feature", layer.title, "", 0, 0, true});
  return {};
}

Result<void> Builder::make(const LayerPlan& layer, const Site& site, const Work& work) {
  Record build;
  build.id = random_id();
  build.name = "feature";
  build.owner = site.owner;
  {
    std::lock_guard lock(mutex_);
    at_work_.insert(build.id);
  }
  Finally leave([&] {
    take_away(build.id);
    std::lock_guard lock(mutex_);
    at_work_.erase(build.id);
  });
  return run(layer, site, build, work);
}

/// Like an environment that nobody knows: what a kill leaves of it, reconcile finds as one.
Result<void> Builder::run(const LayerPlan& layer, const Site& site, Record& build, const Work& work) {
  auto folders = folders_of(host_.paths(), build.id);
  PHOTON_CHECK(make_directories(folders.data, 0711));
  PHOTON_CHECK(copy_files(layer, folders.data + "/run/feature"));
  checkpoint("feature.copied");
  engine::ContainerSpec& spec = build.container;
  spec.id = build.id;
  spec.parent = layer.parent;
  spec.labels = {{environment_label, build.id}, {layer_label, layer.id}};
  spec.hostname = build.name;
  spec.process.argv = {"/bin/sh", "-c", script};
  spec.process.env = layer.env;
  spec.process.cwd = folder_inside;
  add_proxies(spec.process.env, site.variables);
  spec.log_file = folders.init_log();
  spec.mounts = {bound(folders.data + "/run", "/run/devenv"), bound(folders.etc() + "/hosts", "/etc/hosts"),
                 bound(folders.etc() + "/hostname", "/etc/hostname"),
                 bound(folders.etc() + "/resolv.conf", "/etc/resolv.conf")};
  // What is installed has to be fetched, wherever the environment itself may not go later.
  auto plan = site.plan;
  plan.network.clear();
  plan.hostname.clear();
  PHOTON_CHECK(connect_network(build, plan, host_));
  checkpoint("feature.connected");
  PHOTON_CHECK(host_.engine().run(spec, work.stop));
  checkpoint("feature.started");
  PHOTON_CHECK(install(layer, site, build, work));
  PHOTON_CHECK(host_.engine().stop(build.id, std::chrono::milliseconds(0)));
  checkpoint("feature.ended");
  PHOTON_CHECK(host_.layers().commit(build.id, layer.key, {{layer_label, shown(layer.id, 200)}}));
  checkpoint("feature.committed");
  return {};
}

Result<void> Builder::install(const LayerPlan& layer, const Site& site, const Record& build,
                              const Work& work) {
  auto folders = folders_of(host_.paths(), build.id);
  Fd log(site.log.empty() ? -1 : ::open(site.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (log) (void)write_all(log.get(), fmt::format("--- feature {}\n", shown(layer.id, 200)));
  Tail tail(folders.init_log(), [&](std::string_view line) {
    if (log) (void)write_all(log.get(), fmt::format("{}\n", line));
    work.report({"feature", layer.title, shown(line, 200), 0, 0, false});
  });
  auto status = ended(build.id, work);
  // What it said last is on its way to the file until the task is deleted.
  if (status) PHOTON_CHECK(host_.engine().stop(build.id, std::chrono::milliseconds(0)));
  auto output = tail.end();
  if (!status) return tl::unexpected(std::move(status.error()));
  if (*status == 0) return {};
  if (free_space(folders.data) < (256U << 10))
    return fail(Kind::no_space, "feature.install",
                fmt::format("the feature {} failed to install: the disk of {} is full", shown(layer.id, 200),
                            folders.data),
                "make space there, then run the command again");
  return failed(layer, *status, output);
}

/// Containers outlive a containerd that has died, and what they install should, too.
Result<int> Builder::ended(const std::string& id, const Work& work) {
  for (int attempt = 0;; ++attempt) {
    auto status = host_.engine().wait(id, work.stop);
    if (status || status.error().kind != Kind::unavailable || attempt == most_attempts) return status;
    PHOTON_CHECK(host_.ensure());
  }
}

void Builder::take_away(const std::string& id) {
  // What cannot be taken away now is found by reconcile.
  (void)host_.ensure();
  (void)host_.engine().remove(id);
  (void)host_.network().detach(id);
  auto folders = folders_of(host_.paths(), id);
  std::error_code ignored;
  fs::remove_all(folders.data, ignored);
  fs::remove_all(folders.runtime, ignored);
}

std::set<std::string> Builder::at_work() {
  std::lock_guard lock(mutex_);
  return at_work_;
}

Result<std::vector<engine::Layer>> Builder::layers() { return host_.layers().list(layer_label); }

std::string Builder::name_of(const engine::Layer& layer) {
  auto label = layer.labels.find(layer_label);
  // Those of before had no name.
  return label == layer.labels.end() || label->second == "yes" ? "a feature" : label->second;
}

Result<std::uint64_t> Builder::collect(const std::function<Result<std::uint64_t>()>& images) {
  PHOTON_TRY(auto before, layers());
  std::multiset<std::string> held;
  {
    std::lock_guard lock(mutex_);
    held = held_;
  }
  for (const auto& layer : before)
    if (!held.contains(layer.key)) PHOTON_CHECK(host_.layers().let_go(layer.key));
  auto collected = images();
  std::uint64_t freed = collected.value_or(0);
  for (const auto& layer : before) {
    // Those that an environment stands on stay, and so for the next one.
    PHOTON_TRY(bool there, host_.layers().keep(layer.key));
    if (!there) freed += layer.size;
  }
  if (!collected) return collected;
  return freed;
}

}  // namespace photon::environment

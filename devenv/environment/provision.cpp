#include "devenv/environment/provision.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/environment/base.hpp"
#include "devenv/environment/lifecycle.hpp"
#include "devenv/environment/names.hpp"
#include "devenv/environment/plan.hpp"
#include "devenv/environment/secrets.hpp"
#include "devenv/environment/services.hpp"
#include "devenv/environment/sources.hpp"
#include "devenv/environment/surroundings.hpp"
#include "devenv/environment/trust.hpp"
#include "devenv/environment/warm.hpp"

namespace photon::environment {
namespace {

struct Ids {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};

class Provision {
 public:
  Provision(Parts parts, Record& record, const git::Source& source, const UpRequest& request,
            const Caller& caller, const Work& work)
      : parts_(parts),
        record_(record),
        source_(source),
        request_(request),
        caller_(caller),
        work_(work),
        hold_(parts.builder),
        built_(parts.builds),
        folders_(folders_of(parts.host.paths(), record.id)) {}

  Result<std::string> run() {
    PHOTON_TRY(journal_, parts_.store.begin(record_.id, operation(), "begin", json::object{}));
    auto done = all_steps();
    if (!done) {
      record_.state = State::failed;
      record_.failure = done.error().message;
      (void)save();
    }
    // Only what was cut short stays in the journal.
    auto finished = parts_.store.finish(journal_);
    if (done && !finished) return tl::unexpected(std::move(finished.error()));
    return done;
  }

 private:
  [[nodiscard]] const char* operation() const {
    if (record_.temporary) return "prebuild";
    return request_.recreate ? "rebuild" : "up";
  }

  Result<std::string> all_steps() {
    record_.failure.clear();
    PHOTON_CHECK(make_directories(folders_.data));
    PHOTON_CHECK(step("clone", [&] { return clone(); }));
    PHOTON_TRY(origin_, origin_of(parts_, record_, source_, request_));
    PHOTON_CHECK(step("spec", [&] { return read_spec(); }));
    // Before all that takes long, while whoever may be asked still sits there.
    PHOTON_TRY(secrets_, settle_secrets(parts_.host.paths(), record_, plan_, request_));
    PHOTON_TRY(auto present, parts_.host.engine().find(record_.id));
    bool running = present && present->task == engine::TaskState::running;
    // A container that has never told its users was cut short while it was made.
    if (running && !request_.recreate && !record_.user.empty()) {
      PHOTON_CHECK(go_on());
    } else {
      // What was cut short while it was made, or has to be made again, is taken down first.
      anew_ = !present || request_.recreate || record_.user.empty() || record_.hash.empty();
      // A Dockerfile may copy what initializeCommand makes, a compose file name it.
      const bool first = (anew_ && plan_.build) || plan_.compose;
      if (first && plan_.hooks.contains(spec::Stage::initialize)) {
        PHOTON_CHECK(initialize(&Record::trusted_before_build));
      }
      if (plan_.compose) PHOTON_CHECK(step("compose", [&] { return read_services(); }));
      PHOTON_CHECK(step("image", [&] { return find_base(anew_); }));
      if (anew_ && origin_) PHOTON_CHECK(step("prebuild", [&] { return begin_warm(); }));
      if (record_.temporary && warm_) return "there";
      PHOTON_CHECK(initialize(&Record::trusted));
      if (services_) PHOTON_CHECK(step("services", [&] { return services_->find_images(anew_, built_); }));
      if (anew_ && !warm_ && !base_.layers.empty())
        PHOTON_CHECK(step("features", [&] { return install_features(); }));
      PHOTON_CHECK(step("container", [&] { return start_container(present.has_value()); }));
      PHOTON_CHECK(step("user", [&] { return settle_user(); }));
      warm_.reset();
      if (auto lfs = lfs_warning(record_, folders_, work_.stop); lfs && !record_.temporary)
        record_.warnings.push_back(*lfs);
    }
    PHOTON_TRY(auto end, hooks());
    if (record_.temporary) return end;
    PHOTON_CHECK(step("ports", [&] { return publish(); }));
    checkpoint("up.published");
    if (services_)
      for (auto& failure : services_->failures()) warn(record_, std::move(failure));
    record_.state = State::running;
    PHOTON_CHECK(save());
    checkpoint("up.running");
    return end;
  }

  /// With the container as it runs.
  Result<void> go_on() {
    if (plan_.compose) PHOTON_CHECK(step("compose", [&] { return read_services(); }));
    const bool same = record_.hash == hash_;
    const bool edited = record_.inputs != inputs_;
    if (!same && !record_.hash.empty()) warn_of_change();
    // Hooks that are still to run may come from the image's metadata or from features.
    if (record_.state != State::running || !record_.metadata.empty() || (same && edited))
      PHOTON_CHECK(step("image", [&] { return find_base(false); }));
    if (request_.initialize) PHOTON_CHECK(initialize(&Record::trusted));
    if (!same || !edited) return {};
    record_.inputs = inputs_;  // a comment, or what needs no rebuild: what processes get, hooks
    return step("user",
                [&] { return learn_user(record_, plan_, base_.image, folders_, at_home_of_, work_.stop); });
  }

  /// Once, by consent to what the plan asks for so far: features may ask for more.
  Result<void> initialize(std::string Record::* agreed) {
    const bool as_root = !parts_.host.entered().user;
    auto more = ensemble_ ? services_ask(*ensemble_, record_, as_root) : std::vector<std::string>();
    PHOTON_CHECK(check_trust(plan_, record_, agreed, as_root, request_.trust, more));
    if (std::exchange(initialized_, true)) return {};
    return step("initializeCommand",
                [&] { return run_initialize(plan_, record_.folder, caller_, folders_, work_); });
  }

  Result<void> save() { return parts_.store.put(to_row(record_)); }

  template <class F>
  Result<void> step(const std::string& name, F&& body) {
    if (work_.stopped()) return cancelled();
    PHOTON_CHECK(parts_.store.step(journal_, name, json::object{}, false));
    checkpoint("up." + name);
    auto done = body();
    if (!done)
      return within(std::move(done.error()),
                    fmt::format("while bringing up {}, step {}", record_.name, name));
    return save();
  }

  Result<void> clone() {
    if (source_.local) record_.folder = source_.url;
    if (record_.cloned || source_.local) return {};
    return clone_sources(parts_, record_, source_, caller_, work_);
  }

  Result<void> read_spec() {
    PHOTON_TRY(plan_, read_plan(record_, {.allow_unknown = request_.allow_unknown}, caller_, inputs_));
    if (record_.temporary) PHOTON_CHECK(check_prebuildable(plan_));
    if (plan_.compose) origin_.reset();
    hash_ = plan_.hash;  // the image's metadata, which goes into it later, is not read at each `up`
    for (auto& lack : lacks(plan_.requirements, folders_.data)) record_.warnings.push_back(std::move(lack));
    git_root_ = git_root_of(record_);
    return {};
  }

  /// After initializeCommand, which may make files that they name.
  Result<void> read_services() {
    PHOTON_TRY(ensemble_, read_ensemble(plan_, git_root_, record_, caller_, request_.allow_unknown, inputs_));
    put_service_below(*ensemble_, record_, plan_);
    hash_ = sha256_hex(hash_ + ensemble_->digest());
    services_.emplace(parts_, record_, *ensemble_, caller_, work_, [this] { return save(); });
    return {};
  }

  Result<void> find_base(bool anew) {
    PHOTON_TRY(base_,
               environment::find_base(parts_, record_, plan_, caller_, {anew, request_.lock}, built_, work_));
    if (ensemble_) put_command(ensemble_->own(), base_.image);
    if (!request_.probe.empty() && !plan_.said.contains("userEnvProbe"))
      plan_.user_env_probe = request_.probe;
    if (request_.update_uid == "never" ||
        (request_.update_uid == "off" && !plan_.said.contains("updateRemoteUserUID")))
      plan_.update_remote_user_uid = false;
    own_user_for_own_folder();
    return {};
  }

  /// From the container and the sources as the first hooks of a prebuild left them, if there is one.
  Result<void> begin_warm() {
    PHOTON_TRY(warm_, find_warm(parts_, record_, *origin_, request_, plan_, base_.image));
    if (!warm_ || record_.temporary || warm_->prebuild.id == record_.prebuild) return {};
    initialized_ = false;  // what it made lay in the clone's own sources
    return take_sources(parts_, record_, warm_->prebuild, [this] { return save(); }, work_);
  }

  Result<void> install_features() {
    if (std::exchange(installed_, true)) return {};
    Site site{plan_, record_.owner, caller_.environment, folders_.log()};
    for (const auto& layer : base_.layers) PHOTON_CHECK(parts_.builder.ensure(layer, site, hold_, work_));
    return {};
  }

  // Without privilege no mount can map owners: in the user's own folder the process is the user itself, who
  // is called root inside. The home stays that of the image's user, with all that was set up there.
  void own_user_for_own_folder() {
    auto wanted = users_of(plan_, base_.image).remote;
    if (!parts_.host.entered().user || !source_.local || wanted == "root" || wanted == "0") return;
    record_.warnings.push_back(fmt::format(
        "runs as root in the home of {}: that is your own user outside, and files of {} stay yours", wanted,
        record_.folder));
    at_home_of_ = wanted;
    plan_.remote_user = "root";
  }

  Ids guess_ids() {
    auto wanted = users_of(plan_, base_.image).remote;
    if (wanted == "root") return {0, 0};
    if (auto known = parts_.store.setting("user:" + base_.image.chain + ":" + wanted); known && *known) {
      unsigned uid = 0;
      unsigned gid = 0;
      if (std::sscanf((*known)->c_str(), "%u %u", &uid, &gid) == 2) return {uid, gid};
    }
    return {1000, 1000};
  }

  void warn_of_change() {
    record_.warnings.push_back(
        fmt::format("devcontainer.json{} has changed since the container was made; devenv rebuild applies it",
                    plan_.build ? " or its Dockerfile" : ""));
  }

  Result<void> start_container(bool exists) {
    auto& engine = parts_.host.engine();
    work_.report({"create", record_.name, "", 0, 0, false});
    if (exists && anew_) {
      PHOTON_CHECK(take_down(parts_, record_, true, ensemble_.has_value()));
      exists = false;
    }
    if (anew_) PHOTON_CHECK(leave_out_gone());
    if (!exists) {
      if (!warm_) PHOTON_CHECK(install_features());
      record_.features = base_.pinned;
      record_.hooks_done = warm_ ? hooks_of_prebuild() : std::vector<std::string>();
      if (!warm_) record_.prebuild.clear();
      record_.user.clear();
    }
    std::erase(record_.hooks_done, std::string(spec::property_of(spec::Stage::post_start)));
    auto before = Ids{record_.uid, record_.gid};
    auto ids = guess_ids();
    record_.uid = ids.uid;
    record_.gid = ids.gid;
    if (record_.cloned) PHOTON_CHECK(give(before, ids));
    PHOTON_TRY(auto spec, services_ ? services_->own_spec(plan_, base_.image)
                                    : container_spec(plan_, record_, base_.image, parts_.host));
    // What was installed in it is not given up for an edit: that is what a rebuild is for.
    const bool edited = exists && record_.hash != hash_;
    if (edited) {
      warn_of_change();
      record_.container.log_file = spec.log_file;
    } else {
      record_.container = std::move(spec);
      if (warm_) record_.container.parent = warm_->prebuild.layer();
      record_.image = base_.name;
    }
    for (const auto& warning : add_proxies(record_.container.process.env, caller_.environment))
      warn(record_, warning);
    PHOTON_CHECK(services_ ? services_->connect(plan_) : connect_network(record_, plan_, parts_.host));
    tell_neighbours(parts_.store, parts_.host, record_.owner);
    checkpoint("up.connected");
    PHOTON_CHECK(save());
    PHOTON_CHECK(parts_.store.step(journal_, "container", json::object{}, true));
    if (services_) PHOTON_CHECK(services_->start_first());
    ::unlink(folders_.socket().c_str());
    PHOTON_TRY(auto started, exists ? engine.restart(record_.container, work_.stop)
                                    : engine.run(record_.container, work_.stop));
    (void)started;
    checkpoint("up.started");
    if (!edited) {
      record_.hash = hash_;
      record_.inputs = inputs_;
    }
    PHOTON_CHECK(wait_for_inside(record_, parts_.host, work_.stop));
    if (services_) PHOTON_CHECK(services_->start_rest());
    work_.report({"create", record_.name, "", 0, 0, true});
    return {};
  }

  /// Also where the file has no project any more.
  Result<void> leave_out_gone() {
    if (services_) return services_->leave_out_gone();
    for (const auto& one : record_.beside) PHOTON_CHECK(take_down_beside(parts_, one, true));
    record_.beside.clear();
    record_.project.clear();
    return save();
  }

  // The container knows its users; what was guessed before it ran is mended here.
  Result<void> settle_user() {
    auto guessed = Ids{record_.uid, record_.gid};
    PHOTON_CHECK(learn_user(record_, plan_, base_.image, folders_, at_home_of_, work_.stop));
    PHOTON_CHECK(
        parts_.store.set_setting("user:" + base_.image.chain + ":" + users_of(plan_, base_.image).remote,
                                 fmt::format("{} {}", record_.uid, record_.gid)));
    auto actual = Ids{record_.uid, record_.gid};
    if (guessed.uid == actual.uid && guessed.gid == actual.gid) return {};
    if (record_.cloned) return give(guessed, actual);
    PHOTON_CHECK(take_down(parts_, record_, true, ensemble_.has_value()));
    PHOTON_CHECK(start_container(false));
    return learn_user(record_, plan_, base_.image, folders_, at_home_of_, work_.stop);
  }

  // Our clone gets its owner by a walk only when the guess at checkout was wrong.
  Result<void> give(Ids from, Ids to) {
    if (from.uid == to.uid && from.gid == to.gid) return {};
    if (owner_of(record_.folder) == std::pair(to.uid, to.gid)) return {};
    return git::give(record_.folder, to.uid, to.gid);
  }

  Result<std::string> hooks() {
    if (request_.skip_hooks) return "none";
    auto options = request_.hooks;
    options.secrets = secrets_;
    if (!request_.also.empty()) add_more(options);
    resolve_for_hooks();
    return run_lifecycle(record_, plan_, options, folders_, work_,
                         [this](const std::string& name, const std::function<Result<void>()>& body) {
                           return step(name, body);
                         });
  }

  /// What somebody brings along for commands of this time.
  void add_more(HookOptions& options) {
    auto said = more_of(plan_, request_.also, caller_, record_);
    for (auto& [stage, layers] : said.hooks) {
      auto& all = plan_.hooks[stage];
      all.insert(all.end(), std::make_move_iterator(layers.begin()), std::make_move_iterator(layers.end()));
    }
    if (said.said.contains("waitFor")) plan_.wait_for = said.wait_for;
    std::vector<std::string> env;
    for (const auto& [name, value] : spec::resolve_in_container(std::move(said), container_env()).remote_env)
      if (value) env.push_back(fmt::format("{}={}", name, *value));
    options.env.insert(options.env.end(), env.begin(), env.end());
  }

  [[nodiscard]] std::map<std::string, std::string> container_env() const {
    std::map<std::string, std::string> map;
    for (const auto& item : record_.container.process.env)
      if (auto equals = item.find('='); equals != item.npos)
        map[item.substr(0, equals)] = item.substr(equals + 1);
    return map;
  }

  void resolve_for_hooks() {
    plan_ = spec::resolve_in_container(std::move(plan_), container_env());
    record_.public_keys = caller_.public_keys.empty() ? record_.public_keys : caller_.public_keys;
  }

  Result<void> publish() {
    record_.public_keys = caller_.public_keys.empty() ? record_.public_keys : caller_.public_keys;
    std::vector<WantedPort> more;
    if (ensemble_) more = published_by(*ensemble_);
    return publish_ports(parts_, record_, plan_, more);
  }

  Parts parts_;
  Record& record_;
  const git::Source& source_;
  const UpRequest& request_;
  const Caller& caller_;
  const Work& work_;
  Builder::Hold hold_;
  Builds::Hold built_;
  Folders folders_;
  spec::Plan plan_;
  std::string hash_;  ///< of the files alone
  std::string git_root_;
  Secrets secrets_;
  Inputs inputs_;
  std::optional<Ensemble> ensemble_;
  std::optional<Services> services_;
  Base base_;
  std::optional<Origin> origin_;           ///< none: it begins from no prebuild
  std::unique_ptr<Prebuilds::Hold> warm_;  ///< what it begins from, until the container stands on it
  bool anew_ = false;                      ///< the container is made, not only started
  bool initialized_ = false;
  bool installed_ = false;  ///< features
  std::string at_home_of_;
  std::int64_t journal_ = 0;
};

}  // namespace

Result<std::string> provision(Parts parts, Record& record, const git::Source& source,
                              const UpRequest& request, const Caller& caller, const Work& work) {
  return Provision(parts, record, source, request, caller, work).run();
}

}  // namespace photon::environment

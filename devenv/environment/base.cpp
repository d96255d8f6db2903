#include "devenv/environment/base.hpp"

#include <boost/json/array.hpp>

#include "devenv/core/beneath.hpp"
#include "devenv/core/name.hpp"
#include "devenv/feature/local.hpp"

namespace photon::environment {
namespace {

constexpr std::size_t lock_limit = 4 << 20;
constexpr const char* metadata_label = "devcontainer.metadata";

Result<image::ImageConfig> ensure_image(const Parts& parts, const std::string& name, bool ours,
                                        const image::Logins& logins, const Work& work) {
  PHOTON_TRY(auto present, parts.host.images().find(name));
  if (present) {
    work.report({"image", name, "cached", 0, 0, true});
    return std::move(*present);
  }
  if (ours)
    return fail(Kind::not_found, "environment.base-image",
                fmt::format("the base image {} is not on this machine", name),
                fmt::format("devenv image import \"$(devcontainers/base/build | tail -1)\" --name {}", name));
  return parts.host.images().ensure(name, logins, work);
}

/// Names by which features say in the image's label that they are in it.
std::set<std::string> in_label(const std::string& label) {
  std::set<std::string> ids;
  auto entries = parse_json(label, metadata_label);
  if (!entries || !entries->is_array()) return ids;
  for (const auto& entry : entries->get_array())
    if (auto id = text_or(entry, "id"); !id.empty()) ids.insert(std::move(id));
  return ids;
}

/// What the image has already is not installed again, where that can be known: the label names the digest,
/// and no option is asked for, for the label does not say with which it was installed.
void leave_out_installed(std::vector<feature::Feature>& features, const std::string& label) {
  auto there = in_label(label);
  std::erase_if(features, [&](const feature::Feature& feature) {
    bool plain = feature.wish.options.empty() && feature.wish.shorthand.empty();
    return plain && there.contains(feature.id.resource + "@" + feature.digest);
  });
}

/// devcontainer-lock.json of the plan's file.
class LockFile {
 public:
  explicit LockFile(const spec::Plan& plan)
      : workspace_(plan.local_folder), path_(feature::lock_path(plan.config_file)) {
    below_ = path_.starts_with(workspace_ + "/");
    if (below_) path_ = path_.substr(workspace_.size() + 1);
  }

  Result<feature::Lock> read() {
    PHOTON_TRY(auto text,
               below_ ? read_beneath(workspace_, path_, lock_limit, "the workspace") : elsewhere());
    there_ = text.has_value();
    PHOTON_TRY(lock_, feature::parse_lock(text.value_or(""), path_));
    return lock_;
  }

  /// Only what has changed, and only where there is something to lock. A file of somebody else's folder,
  /// named by
  /// --config, is not ours to write.
  Result<void> write(const feature::Lock& lock) const {
    if (!below_ || lock.empty() || (there_ && lock == lock_)) return {};
    return write_beneath(workspace_, path_, feature::write_lock(lock), "the workspace");
  }

  /// That it is there and stays as it is.
  [[nodiscard]] Result<void> check(const feature::Lock& lock) const {
    if (!there_)
      return fail(Kind::failed, "feature.lock", "Lockfile does not exist",
                  "once without --frozen-lockfile makes it");
    if (lock != lock_)
      return fail(Kind::failed, "feature.lock", "Lockfile does not match",
                  "once without --frozen-lockfile brings it up to date");
    return {};
  }

 private:
  [[nodiscard]] Result<std::optional<std::string>> elsewhere() const {
    auto text = read_file(path_, lock_limit);
    if (!text && text.error().kind == Kind::not_found) return std::optional<std::string>();
    if (!text) return tl::unexpected(std::move(text.error()));
    return std::optional(std::move(*text));
  }

  std::string workspace_;
  std::string path_;
  bool below_ = false;
  bool there_ = false;
  feature::Lock lock_;
};

Result<feature::Resolution> find_features(const Parts& parts, Record& record, const spec::Plan& plan,
                                          const image::Logins& logins, const BaseOptions& options,
                                          const Work& work) {
  const bool anew = options.anew;
  const auto& lock = options.lock;
  if (plan.features.empty()) return feature::Resolution{};
  LockFile file(plan);
  feature::Wanted wanted{plan.local_folder, plan.config_file, plan.features, plan.feature_order, {}, {}};
  if (lock != "none") {
    PHOTON_TRY(wanted.lock, file.read());
  }
  if (!anew) wanted.pinned = record.features;
  feature::Store store(parts.host.paths().data + "/features");
  PHOTON_TRY(auto found, feature::resolve(wanted, {store, parts.options.registries, logins}, work));
  for (const auto& [name, digest] : found.pinned)
    if (auto had = wanted.pinned.find(name); had != wanted.pinned.end() && had->second != digest)
      warn(record,
           fmt::format("{} has changed since the container was made; devenv rebuild applies it", name));
  if (anew && lock == "frozen") PHOTON_CHECK(file.check(found.lock));
  if (anew && lock.empty())
    if (auto written = file.write(found.lock); !written)
      warn(record, fmt::format("devcontainer-lock.json is not written: {}", written.error().message));
  return found;
}

}  // namespace

void warn(Record& record, std::string sentence) {
  auto& all = record.warnings;
  if (std::find(all.begin(), all.end(), sentence) == all.end()) all.push_back(std::move(sentence));
}

Result<image::ImageConfig> find_image(const Parts& parts, const Record& record, const Wanted& wanted,
                                      const Caller& caller, const BaseOptions& options, Builds::Hold& hold,
                                      const Work& work) {
  image::Logins logins(caller.home, parts.options.login_file);
  if (!wanted.build) {
    const auto& name = wanted.image.empty() ? parts.options.default_image : wanted.image;
    return ensure_image(parts, name, wanted.image.empty(), logins, work);
  }
  if (!options.anew && build::is_built(wanted.before)) {
    PHOTON_TRY(auto present, parts.builds.find(wanted.before, hold, work));
    if (present) return std::move(*present);
  }
  BuildSite site{record.owner,
                 caller.environment,
                 logins,
                 parts.options.registries,
                 folders_of(parts.host.paths(), record.id).log(),
                 options.rebuild};
  return parts.builds.ensure(*wanted.build, site, hold, work);
}

Result<Base> find_base(const Parts& parts, Record& record, spec::Plan& plan, const Caller& caller,
                       const BaseOptions& options, Builds::Hold& hold, const Work& work) {
  Base base;
  image::Logins logins(caller.home, parts.options.login_file);
  PHOTON_TRY(base.image,
             find_image(parts, record, {plan.build, plan.image, record.image}, caller, options, hold, work));
  base.name = plan.build ? base.image.name : plan.image.empty() ? parts.options.default_image : plan.image;
  PHOTON_TRY(auto found, find_features(parts, record, plan, logins, options, work));
  base.pinned = std::move(found.pinned);
  std::vector<spec::Below> below;
  if (auto label = base.image.labels.find(metadata_label); label != base.image.labels.end()) {
    leave_out_installed(found.features, label->second);
    below.push_back({fmt::format("the image's {}", metadata_label), label->second});
  }
  for (const auto& feature : found.features)
    if (!feature.metadata.entry.empty()) below.push_back(feature::below(feature));
  if (options.anew) {
    record.metadata.clear();
    for (const auto& one : below) record.metadata.push_back(one.text);
  }
  auto local_env = [&](const std::string& name) -> std::optional<std::string> {
    auto value = caller.environment.find(name);
    if (value == caller.environment.end()) return std::nullopt;
    return value->second;
  };
  PHOTON_TRY(plan, spec::merge_metadata(std::move(plan), below, local_env, found.warnings));
  for (const auto& warning : found.warnings) {
    auto where = warning.where.file.empty() ? std::nullopt : std::optional(warning.where);
    auto words = sentence(Error{Kind::usage, "", warning.message, where, "", {}});
    warn(record, warning.hint.empty() ? words : fmt::format("{}; {}", words, warning.hint));
  }
  base.layers = layers_of(base.image, found.features, users_of(plan, base.image));
  base.features = std::move(found.features);
  return base;
}

}  // namespace photon::environment

// Making a prebuild: an environment that nobody sees, whose container and sources are kept when it goes.
#include "devenv/core/checkpoint.hpp"
#include "devenv/core/copy_tree.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/terminal.hpp"
#include "devenv/core/undo.hpp"
#include "devenv/environment/base.hpp"
#include "devenv/environment/environments.hpp"

namespace photon::environment {
namespace {

namespace fs = std::filesystem;

PrebuildView described(const Prebuild& prebuild) {
  PrebuildView view;
  view.id = prebuild.id;
  view.source = prebuild.source;
  view.repository = prebuild.label;
  view.branch = prebuild.branch;
  view.commit = prebuild.commit;
  view.config = prebuild.config;
  view.size = prebuild.layer_bytes + prebuild.source_bytes;
  view.created = prebuild.created;
  view.used = prebuild.used;
  return view;
}

Prebuild prebuild_in(const Record& record, const git::Source& source) {
  Prebuild prebuild;
  prebuild.id = random_id();
  prebuild.key = record.key;
  prebuild.owner = record.owner;
  prebuild.source = source.url;
  prebuild.label = record.label;
  prebuild.branch = record.branch;
  prebuild.commit = record.commit;
  prebuild.config = record.config;
  prebuild.image = record.image;
  prebuild.features = record.features;
  prebuild.uid = record.uid;
  prebuild.gid = record.gid;
  prebuild.mirrors = record.mirrors;
  return prebuild;
}

/// What hooks write into these is neither in the container's layer nor among the sources.
void warn_of_volumes(Record& record) {
  for (const auto& name : record.volumes)
    warn(record, fmt::format("what its hooks wrote into the volume {} is not kept with the prebuild", name));
}

/// Written down, then made, then found: a kill in between leaves what reconcile takes away.
Result<Prebuild> keep(const Parts& parts, const Record& record, const git::Source& source) {
  auto prebuild = prebuild_in(record, source);
  PHOTON_CHECK(parts.prebuilds.begin(prebuild));
  OnFailure undo([&] { (void)parts.prebuilds.remove(prebuild.id); });
  checkpoint("prebuild.noted");
  PHOTON_CHECK(git::lend_on(record.mirrors, record.id, prebuild.id));
  checkpoint("prebuild.lent");
  PHOTON_CHECK(take_down(parts, record, false));
  PHOTON_TRY(prebuild.layer_bytes, parts.host.engine().usage(record.id));
  prebuild.source_bytes = tree_bytes(record.folder);
  PHOTON_CHECK(parts.host.layers().commit(record.id, prebuild.layer(), {{prebuild_label, "yes"}}));
  checkpoint("prebuild.committed");
  std::error_code error;
  auto name = fs::path(record.folder).filename().string();
  fs::rename(record.folder, parts.prebuilds.folder(prebuild) + "/" + name, error);
  if (error) return fail_errno("keep " + record.folder, error.value());
  checkpoint("prebuild.moved");
  PHOTON_CHECK(parts.prebuilds.ready(prebuild));
  undo.release();
  checkpoint("prebuild.ready");
  return prebuild;
}

}  // namespace

/// In the journal before anything of it is made.
Result<Record> Local::add_temporary(const PrebuildRequest& request, const Caller& caller,
                                    const git::Source& source) {
  std::lock_guard hold(naming_);
  PHOTON_TRY(auto rows, store_.environments());
  Record record;
  record.id = random_id();
  PHOTON_TRY(record.name, free_name(rows, name_from(source.name.substr(0, 26) + "-prebuild")));
  record.owner = caller.uid;
  record.source = request.source;
  record.label = source.label;
  record.config = request.config;
  record.temporary = true;
  PHOTON_CHECK(store_.add(to_row(record)));
  return record;
}

/// What cannot be taken away now is found by reconcile.
Result<void> Local::be_rid_of(Record& record) {
  PHOTON_CHECK(host_.ensure());
  PHOTON_CHECK(take_down_all(parts_, record, true));
  return erase(record);
}

void Local::keep_few(const Prebuild& made) {
  auto all = prebuilds_.list();
  if (!all) return;
  // One from which an environment begins just now goes with the next one.
  for (const auto& id : superseded(*all, made)) (void)prebuilds_.remove(id);
}

Result<PrebuildView> Local::make_prebuild(Record& record, const git::Source& source,
                                          const PrebuildRequest& request, const Caller& caller,
                                          const Work& work) {
  UpRequest up;
  up.allow_unknown = request.allow_unknown;
  up.trust = request.trust;
  up.prebuild = request.anew ? "anew" : "make";
  up.hooks.prebuild = true;
  PHOTON_TRY(auto end, provision(parts_, record, source, up, caller, work));
  auto subject = fmt::format("{} at {}", record.label, record.commit.substr(0, 10));
  if (end == "there") {
    PHOTON_TRY(auto all, prebuilds_.list());
    for (auto one = all.rbegin(); one != all.rend(); ++one)
      if (one->key == record.key) {
        work.report({"prebuild", subject, "unchanged", 0, 0, true});
        return described(*one);
      }
    return fail(Kind::conflict, "prebuild.gone", "the prebuild was deleted meanwhile", "try again");
  }
  warn_of_volumes(record);
  work.report({"prebuild", subject, "", 0, 0, false});
  PHOTON_TRY(auto made, keep(parts_, record, source));
  keep_few(made);
  auto view = described(made);
  view.made = true;
  view.warnings = record.warnings;
  work.report({"prebuild", subject, size_words(view.size), 0, 0, true});
  return view;
}

Result<PrebuildView> Local::prebuild(const PrebuildRequest& request, const Caller& caller, const Work& work) {
  PHOTON_TRY(auto source, git::parse_source(request.source, caller.folder));
  if (source.local)
    return fail(Kind::usage, "prebuild.folder",
                fmt::format("{} is used in place, so nothing of its sources could be kept", source.label),
                "name its repository: devenv prebuild URL");
  PHOTON_CHECK(wait_for_truth(work));
  PHOTON_CHECK(host_.ensure());
  PHOTON_TRY(auto record, add_temporary(request, caller, source));
  auto made = make_prebuild(record, source, request, caller, work);
  auto gone = be_rid_of(record);
  if (made && !gone) return tl::unexpected(std::move(gone.error()));
  return made;
}

Result<std::vector<PrebuildView>> Local::prebuilds() {
  PHOTON_CHECK(wait_for_truth());
  PHOTON_TRY(auto all, prebuilds_.list());
  std::vector<PrebuildView> views;
  for (const auto& one : all) views.push_back(described(one));
  return views;
}

Result<void> Local::remove_prebuild(const std::string& id) {
  PHOTON_CHECK(wait_for_truth());
  PHOTON_CHECK(host_.ensure());
  return prebuilds_.remove(id);
}

}  // namespace photon::environment

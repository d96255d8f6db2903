#include "devenv/environment/warm.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/copy_tree.hpp"
#include "devenv/core/digest.hpp"
#include "devenv/core/terminal.hpp"

namespace photon::environment {
namespace {

/// Changed when a prebuild would be made in another way: then no older one is taken.
constexpr int way_of_making = 1;

void replace_all(std::string& text, std::string_view word, std::string_view with) {
  if (word.empty()) return;
  for (std::size_t at = 0; (at = text.find(word, at)) != text.npos; at += with.size())
    text.replace(at, word.size(), with);
}

/// Without what is of one environment alone.
std::string text_of_plan(spec::Plan plan, const std::string& folder) {
  auto id = std::exchange(plan.id, "");
  plan.hash.clear();
  plan.config_file.clear();
  plan.local_folder.clear();
  auto text = write_json(spec::to_json(plan));
  replace_all(text, folder, "${localWorkspaceFolder}");
  replace_all(text, id, "${devcontainerId}");
  return text;
}

}  // namespace

std::string prebuild_key(const Origin& origin, const spec::Plan& plan, const image::ImageConfig& image) {
  json::array env;
  for (const auto& item : image.env) env.emplace_back(item);
  return sha256_hex(write_json(json::object{{"way", way_of_making},
                                            {"owner", origin.owner},
                                            {"repository", origin.repository},
                                            {"branch", origin.branch},
                                            {"commit", origin.commit},
                                            {"plan", text_of_plan(plan, origin.folder)},
                                            {"chain", image.chain},
                                            {"user", image.user},
                                            {"env", std::move(env)}}));
}

bool may_begin_warm(const Record& record, const UpRequest& request) {
  if (record.local || request.recreate || request.skip_hooks) return false;
  if (record.temporary) return true;
  const auto& hooks = request.hooks;
  const bool brings = !request.also.empty() || !hooks.env.empty() || !hooks.secrets.empty();
  // One that had a container of its own keeps to what it was made from; one that was cut short goes on.
  const bool first = record.hash.empty() || (!record.prebuild.empty() && record.user.empty());
  return first && !brings && !hooks.prebuild;
}

Result<std::optional<Origin>> origin_of(const Parts& parts, const Record& record, const git::Source& source,
                                        const UpRequest& request) {
  if (!may_begin_warm(record, request)) return std::nullopt;
  if (!record.temporary) {
    PHOTON_TRY(auto all, parts.prebuilds.list());
    auto of_it = [&](const Prebuild& one) { return one.owner == record.owner && one.source == source.url; };
    if (std::none_of(all.begin(), all.end(), of_it)) return std::nullopt;
  }
  auto status = git::status(record.folder);
  if (!status)
    return record.temporary ? tl::unexpected(std::move(status.error()))
                            : Result<std::optional<Origin>>(std::nullopt);
  // What somebody has worked on stays: only sources that are as they were cloned give way.
  return Origin{record.owner,   source.url,    status->branch,
                status->commit, record.folder, status->dirty == 0 && status->unpushed == 0};
}

Result<void> check_prebuildable(const spec::Plan& plan) {
  if (!plan.compose) return {};
  return fail_at(plan.compose->where, Kind::usage, "prebuild.compose",
                 "a prebuild of compose files is not made yet", "devenv up makes their environment");
}

std::vector<std::string> hooks_of_prebuild() {
  return {std::string(spec::property_of(spec::Stage::on_create)),
          std::string(spec::property_of(spec::Stage::update_content))};
}

Result<std::unique_ptr<Prebuilds::Hold>> find_warm(const Parts& parts, Record& record, const Origin& origin,
                                                   const UpRequest& request, const spec::Plan& plan,
                                                   const image::ImageConfig& image) {
  record.commit = origin.commit;
  record.key = prebuild_key(origin, plan, image);
  if (request.prebuild == "anew") return nullptr;
  PHOTON_TRY(auto found, parts.prebuilds.find(record.key));
  if (!found || record.temporary) return found;
  const bool taken = found->prebuild.id == record.prebuild;
  if (!taken && (!record.prebuild.empty() || !origin.untouched)) return nullptr;
  return found;
}

Result<void> take_sources(const Parts& parts, Record& record, const Prebuild& prebuild,
                          const std::function<Result<void>()>& save, const Work& work) {
  auto words = fmt::format("{} at {}", record.label, prebuild.commit.substr(0, 10));
  work.report({"prebuild", words, "", 0, 0, false});
  record.cloned = false;
  PHOTON_CHECK(save());
  checkpoint("prebuild.take");
  std::error_code error;
  std::filesystem::remove_all(record.folder, error);
  if (error) return fail_errno("delete " + record.folder, error.value());
  auto name = std::filesystem::path(record.folder).filename().string();
  PHOTON_TRY(auto copied, copy_tree(parts.prebuilds.folder(prebuild) + "/" + name, record.folder, work));
  checkpoint("prebuild.copied");
  // Without it `git status` reads each file once, and finds the same.
  (void)git::copied(record.folder);
  PHOTON_CHECK(git::lend_on(prebuild.mirrors, prebuild.id, record.id));
  for (const auto& mirror : prebuild.mirrors)
    if (std::find(record.mirrors.begin(), record.mirrors.end(), mirror) == record.mirrors.end())
      record.mirrors.push_back(mirror);
  record.uid = prebuild.uid;
  record.gid = prebuild.gid;
  record.prebuild = prebuild.id;
  record.cloned = true;
  PHOTON_CHECK(parts.prebuilds.note_use(prebuild));
  work.report(
      {"prebuild", words, fmt::format("{} files, {}", copied.files, size_words(copied.bytes)), 0, 0, true});
  return {};
}

}  // namespace photon::environment

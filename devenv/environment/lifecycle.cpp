#include "devenv/environment/lifecycle.hpp"

#include "devenv/environment/base.hpp"

namespace photon::environment {
namespace {

using spec::Stage;

constexpr std::string_view dotfiles_mark = "dotfiles";

bool has_run(const Record& record, std::string_view what) {
  return std::find(record.hooks_done.begin(), record.hooks_done.end(), what) != record.hooks_done.end();
}

void note(Record& record, std::string_view what) {
  if (!has_run(record, what)) record.hooks_done.emplace_back(what);
}

/// Nobody's work depends on them: what goes wrong is told.
Result<void> settle_in(Record& record, const HookOptions& options, const Folders& folders, const Work& work) {
  auto done = install_dotfiles(record, options, folders, work);
  if (!done && done.error().kind == Kind::cancelled) return done;
  if (!done) warn(record, fmt::format("dotfiles are not installed: {}", done.error().message));
  note(record, dotfiles_mark);
  return {};
}

}  // namespace

Result<std::string> run_lifecycle(Record& record, const spec::Plan& plan, const HookOptions& options,
                                  const Folders& folders, const Work& work, const Step& step) {
  if (options.only_waited && plan.wait_for == Stage::initialize) return "waited";
  for (auto stage :
       {Stage::on_create, Stage::update_content, Stage::post_create, Stage::post_start, Stage::post_attach}) {
    if (stage == Stage::post_start) {
      if (!options.dotfiles.repository.empty() && !has_run(record, dotfiles_mark))
        PHOTON_CHECK(step("dotfiles", [&] { return settle_in(record, options, folders, work); }));
      if (options.before_start) return "created";
    }
    if (stage == Stage::post_attach && options.skip_attach) break;
    std::string property(spec::property_of(stage));
    const bool again = options.prebuild && stage == Stage::update_content;
    if (again || !has_run(record, property))
      PHOTON_CHECK(step("hook:" + property, [&]() -> Result<void> {
        PHOTON_CHECK(run_stage(record, plan, stage, options, folders, work));
        if (stage != Stage::post_attach) note(record, property);
        return {};
      }));
    if (options.only_waited && plan.wait_for == stage) return "waited";
    if (again) return "content";
  }
  return "done";
}

}  // namespace photon::environment

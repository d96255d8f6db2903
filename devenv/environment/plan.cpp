#include "devenv/environment/plan.hpp"

#include <unistd.h>

#include "devenv/environment/base.hpp"
#include "devenv/environment/hooks.hpp"
#include "devenv/environment/inputs.hpp"

namespace photon::environment {
namespace {

std::string repository_root(std::string folder) {
  while (folder.size() > 1) {
    if (::access((folder + "/.git").c_str(), F_OK) == 0) return folder;
    folder.resize(std::max<std::size_t>(1, folder.rfind('/')));
  }
  return "";
}

}  // namespace

std::string git_root_of(const Record& record) {
  auto root = record.local ? repository_root(record.folder) : "";
  return owner_of(root) == owner_of(record.folder) ? root : "";
}

Result<spec::Plan> read_plan(Record& record, const PlanOptions& options, const Caller& caller, Inputs& seen) {
  spec::Inputs inputs;
  inputs.local_folder = record.folder;
  inputs.git_root = git_root_of(record);
  inputs.config_path = record.config;
  inputs.allow_unknown = options.allow_unknown;
  inputs.keep_id = options.keep_id;
  inputs.labels = record.labels;
  inputs.read = [&](const std::string& path) -> Result<std::optional<std::string>> {
    PHOTON_TRY(auto text, read_input(path, seen));
    bool instead = !record.configuration.empty() && path == record.config;
    return instead ? std::optional(record.configuration) : std::move(text);
  };
  inputs.folders = subfolders;
  inputs.local_env = [&caller](const std::string& name) -> std::optional<std::string> {
    auto found = caller.environment.find(name);
    if (found == caller.environment.end()) return std::nullopt;
    return found->second;
  };
  PHOTON_TRY(auto resolved, spec::resolve(inputs));
  record.warnings.clear();
  for (const auto& warning : resolved.warnings)
    record.warnings.push_back(sentence(Error{Kind::usage, "", warning.message, warning.where, "", {}}));
  return std::move(resolved.plan);
}

spec::Plan more_of(const spec::Plan& plan, const std::string& text, const Caller& caller, Record& record) {
  spec::Plan more;
  more.local_folder = plan.local_folder;
  more.workspace_folder = plan.workspace_folder;
  more.id = plan.id;
  auto local_env = [&caller](const std::string& name) -> std::optional<std::string> {
    auto found = caller.environment.find(name);
    if (found == caller.environment.end()) return std::nullopt;
    return found->second;
  };
  std::vector<spec::Warning> warnings;
  auto merged = spec::merge_metadata(more, {{"--config", text}}, local_env, warnings);
  if (!merged) warnings.push_back({{}, merged.error().message, ""});
  for (const auto& warning : warnings) warn(record, warning.message);
  return merged ? std::move(*merged) : std::move(more);
}

Result<std::string> text_of(const Record& record, const spec::Plan& plan) {
  if (!record.configuration.empty() || plan.config_file.empty()) return record.configuration;
  Inputs seen;
  PHOTON_TRY(auto text, read_input(plan.config_file, seen));
  return text.value_or("");
}

Result<std::string> own_text(Record record) {
  Inputs seen;
  auto plan = read_plan(record, {.allow_unknown = true}, {}, seen);
  return plan ? text_of(record, *plan) : Result<std::string>("");
}

}  // namespace photon::environment

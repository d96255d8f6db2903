#include "devenv/environment/trust.hpp"

#include "devenv/core/digest.hpp"
#include "devenv/core/name.hpp"

namespace photon::environment {
namespace {

namespace fs = std::filesystem;

// A link in the repository may point anywhere: where it leads counts.
bool is_within(const std::string& path, const std::string& folder) {
  std::error_code error;
  auto real = fs::weakly_canonical(path, error).string();
  if (error) return false;
  auto root = fs::weakly_canonical(folder, error).string();
  return !error && (real + "/").starts_with(root + "/");
}

}  // namespace

std::vector<std::string> asks_of_machine(const spec::Plan& plan, const Record& record, bool as_root) {
  std::vector<std::string> asks;
  if (auto found = plan.hooks.find(spec::Stage::initialize); found != plan.hooks.end())
    for (const auto& hooks : found->second)
      for (const auto& hook : hooks)
        asks.push_back(fmt::format(
            "run here: {}",
            shown(hook.argv.empty() ? hook.shell : fmt::format("{}", fmt::join(hook.argv, " ")), 400)));
  auto mounts = plan.mounts;
  if (plan.workspace_mount) mounts.push_back(*plan.workspace_mount);
  for (const auto& mount : mounts)
    if (mount.type == "bind" && !is_within(mount.source, record.folder))
      asks.push_back(fmt::format("{} {} at {}", mount.read_only ? "read" : "read and write",
                                 shown(mount.source, 400), shown(mount.target, 400)));
  if (as_root && plan.privileged) asks.emplace_back("all rights of this machine's root (privileged)");
  return asks;
}

Result<void> check_trust(const spec::Plan& plan, Record& record, std::string Record::* trusted, bool as_root,
                         bool agreed, const std::vector<std::string>& more) {
  if (record.local) return {};
  auto asks = asks_of_machine(plan, record, as_root);
  asks.insert(asks.end(), more.begin(), more.end());
  auto sum = asks.empty() ? "" : sha256_hex(fmt::format("{}", fmt::join(asks, "\n")));
  if (agreed || asks.empty()) record.*trusted = sum;
  if (record.*trusted == sum) return {};
  return fail(Kind::needs_confirmation, "environment.trust",
              fmt::format("{} asks for what is outside of its container", record.label),
              fmt::format("{}\ndevenv {} --trust {} allows it", fmt::join(asks, "\n"),
                          record.temporary ? "prebuild" : "up", record.source));
}

}  // namespace photon::environment

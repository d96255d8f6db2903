#include "packages/forge/publish/publish.hpp"

#include <filesystem>
#include <set>

#include "packages/forge/commands/commands.hpp"
#include "packages/forge/import/import.hpp"
#include "packages/forge/publish/closure.hpp"
#include "packages/forge/publish/file_conflicts.hpp"

namespace photon::forge {
namespace {

constexpr Option options[] = {
    {"--output", "-o", "DIR", "the repository's folder, instead of build/packages/ARCH", false,
     Completes::folders},
    {"--with-tools", "", "", "all imports that only builds need, too, not just those that others need"},
    packages_option,
    arch_option,
    jobs_option,
};
constexpr Example examples[] = {
    {"forge publish", "what is built becomes a signed repository"},
    {"forge publish --arch aarch64 --output /srv/repo/aarch64", "for another processor, elsewhere"}};

tl::unexpected<Error> unbuilt(const RecipeResult& result) {
  Error error{Kind::failed, "forge.unbuilt", fmt::format("{} is not built: {}", result.recipe, result.why),
              std::nullopt, "forge build --all shows what is wrong; nothing was published"};
  return tl::unexpected(std::move(error));
}

/// What the recipes say now, built where it is not yet, and the imports.
Result<std::vector<Built>> packages_of(Context& context, const BuildOptions& options_of, Store& store,
                                       const Work& work) {
  PHOTON_TRY(auto results, build_all(options_of, store, work));
  std::vector<Built> out;
  for (auto& result : results) {
    if (result.outcome == Outcome::failed || result.outcome == Outcome::blocked) return unbuilt(result);
    if (result.outcome != Outcome::skipped) out.push_back(std::move(result.built));
  }
  std::set<std::string> tools;
  if (!context.arguments.flag("--with-tools")) {
    PHOTON_TRY(auto plans,
               plan_imports({.folder = options_of.packages + "/imports", .arch = options_of.arch}, store));
    for (const auto& plan : plans)
      if (plan.group == "build") tools.insert(plan.key);
  }
  PHOTON_TRY(auto imports, imported(options_of, store));
  std::vector<Built> spare;
  for (auto& one : imports) (tools.contains(one.key) ? spare : out).push_back(std::move(one));
  PHOTON_TRY(auto packages, with_needs(std::move(out), spare, options_of.arch, store, work));
  PHOTON_CHECK(check_files(packages, options_of.arch, store, work));
  return packages;
}

Result<int> run(Context& context) {
  PHOTON_TRY(auto options_of, context.build_options());
  PublishOptions publishing{.folder = context.arguments.text("--output"), .arch = options_of.arch};
  auto root = std::filesystem::path(options_of.packages).parent_path().string();
  if (publishing.folder.empty()) publishing.folder = root + "/build/packages/" + options_of.arch;
  std::error_code error;
  if (auto advisories = options_of.packages + "/advisories"; std::filesystem::is_directory(advisories, error))
    publishing.advisories = advisories;
  PHOTON_TRY(auto* store, context.store());
  Shown shown;
  auto work = shown.work();
  auto published = [&]() -> Result<Published> {
    PHOTON_TRY(auto packages, packages_of(context, options_of, *store, work));
    PHOTON_TRY(auto key, ensure_key(default_key_folder(), work));
    return publish(packages, publishing, key, *store, work);
  }();
  shown.close(!published);
  if (!published) return tl::unexpected(published.error());
  if (context.json()) {
    PHOTON_CHECK(context.print_json({{"folder", publishing.folder},
                                     {"changed", published->changed},
                                     {"packages", published->packages},
                                     {"repomd_sha256", published->repomd_sha256}}));
  } else {
    PHOTON_CHECK(context.print(fmt::format("{}: {} packages{}\n", publishing.folder, published->packages,
                                           published->changed ? "" : ", as it was")));
  }
  return 0;
}

}  // namespace

extern const Command publish_command{
    "publish", "make a signed repository of what is built", options, {}, examples, run};

}  // namespace photon::forge

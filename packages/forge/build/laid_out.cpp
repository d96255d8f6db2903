#include "packages/forge/build/laid_out.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/fd.hpp"

namespace photon::forge {
namespace {

constexpr std::time_t no_changelog = 1'735'689'600;
constexpr std::size_t most_text = 64 << 20;

/// Their times go into the source package.
Result<void> same_time(const std::string& path) {
  timespec both[2] = {{no_changelog, 0}, {no_changelog, 0}};
  if (::chmod(path.c_str(), 0644) < 0 || ::utimensat(AT_FDCWD, path.c_str(), both, 0) < 0)
    return fail_errno("prepare " + path, errno);
  return {};
}

Result<void> copy_in(const std::string& from, const std::string& to) {
  std::error_code error;
  if (std::filesystem::copy_file(from, to, error); error)
    return fail_errno(fmt::format("copy {} to {}", from, to), error.value());
  return same_time(to);
}

Result<void> sources_into(const Site& site, const Plan& plan, const std::string& folder, LaidOut& laid,
                          const Work& work) {
  const Recipe& recipe = *plan.recipe;
  for (const auto& source : recipe.sources) {
    std::string to = folder + "/" + source.file;
    if (source.file.find('/') != std::string::npos)
      return fail(Kind::usage, "forge.source",
                  fmt::format("{}: \"{}\" is no file name", recipe.name, source.file));
    if (!source.tree.empty()) {
      if (!site.checkout) return fail(Kind::internal, "forge.checkout", "no checkout was looked at");
      PHOTON_CHECK(site.checkout->pack(source.tree, to));
      PHOTON_CHECK(same_time(to));
      PHOTON_TRY(auto digest, site.checkout->digest(source.tree));
      laid.sources.push_back({source.file, std::move(digest)});
      continue;
    }
    PHOTON_TRY(std::string stored, fetch_source(recipe, source, site.store, work));
    PHOTON_CHECK(copy_in(stored, to));
    PHOTON_TRY(std::string found, sha256_file(to));
    if (found != source.sha256)
      return fail(Kind::corrupt, "forge.digest",
                  fmt::format("{} in the store is broken: its digest is {}, not {}", source.file, found,
                              source.sha256),
                  "rm " + stored);
    laid.sources.push_back({source.file, source.sha256});
  }
  for (const auto& file : recipe.files) {
    if (file.find('/') != std::string::npos)
      return fail(Kind::usage, "forge.source", fmt::format("{}: \"{}\" is no file name", recipe.name, file));
    if (!std::filesystem::exists(folder + "/" + file))
      PHOTON_CHECK(copy_in(recipe.folder + "/" + file, folder + "/" + file));
  }
  return {};
}

Result<std::string> tree_of(const Universe& root, Store& store, const Work& work) {
  std::vector<std::string> paths, digests;
  for (const auto& package : root) {
    paths.push_back(package.path);
    digests.push_back(package.sha256);
  }
  return compose_tree(paths, digests, store.folder() + "/roots", work);
}

bool has_changelog(const std::string& spec) {
  auto at = spec.find("\n%changelog");
  return at != std::string::npos && spec.find("\n* ", at) != std::string::npos;
}

}  // namespace

Result<LaidOut> lay_out(const Site& site, const Plan& plan, const std::string& scratch, unsigned cores,
                        const Work& work) {
  const Recipe& recipe = *plan.recipe;
  LaidOut laid;
  std::string upper = scratch + "/upper", top = upper + "/build";
  for (const char* folder : {"/SOURCES", "/SPECS", "/BUILD", "/RPMS", "/SRPMS"})
    PHOTON_CHECK(make_directories(top + folder, 0755));
  PHOTON_CHECK(sources_into(site, plan, top + "/SOURCES", laid, work));
  checkpoint("build.sources");
  std::string spec = recipe.spec.substr(recipe.spec.rfind('/') + 1);
  PHOTON_CHECK(copy_in(recipe.spec, top + "/SPECS/" + spec));
  if (!site.macros.empty()) {
    PHOTON_CHECK(make_directories(upper + "/etc/rpm", 0755));
    PHOTON_CHECK(copy_in(site.macros, upper + "/etc/rpm/macros.photon"));
  }
  PHOTON_TRY(std::string tree, tree_of(plan.root.native, site.store, work));
  laid.command.trees = {tree};
  if (!plan.root.sysroot.empty()) {
    PHOTON_TRY(std::string other, tree_of(plan.root.sysroot, site.store, work));
    laid.command.binds.push_back({other, "/sysroot"});
  }
  checkpoint("build.tree");
  laid.command.binds.insert(laid.command.binds.end(), site.options.binds.begin(), site.options.binds.end());
  laid.command.scratch = scratch;
  laid.command.directory = "/build";
  laid.command.memory_limit = site.options.memory_limit;
  laid.command.process_limit = 8192;
  laid.command.time_limit = site.options.time_limit;
  laid.command.environment = {{"HOME", "/build"},
                              {"PATH", "/usr/bin:/usr/sbin:/bin:/sbin"},
                              {"LC_ALL", "C.UTF-8"},
                              {"TZ", "UTC"},
                              {"TERM", "dumb"},
                              {"USER", "root"},
                              {"LOGNAME", "root"},
                              {"SHELL", "/bin/sh"},
                              {"RPM_BUILD_NCPUS", std::to_string(cores)}};
  PHOTON_TRY(std::string text, read_file(recipe.spec, most_text));
  // rpm takes it from the changelog where there is one.
  if (!has_changelog(text)) laid.command.environment["SOURCE_DATE_EPOCH"] = std::to_string(no_changelog);
  laid.spec = "/build/SPECS/" + spec;
  laid.target = plan.arch == "noarch" ? machine_arch() + "-linux" : site.options.arch + "-linux";
  return laid;
}

}  // namespace photon::forge

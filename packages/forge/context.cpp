#include "packages/forge/context.hpp"

#include <sched.h>
#include <sys/utsname.h>

#include <charconv>
#include <filesystem>

#include "devenv/core/name.hpp"
#include "packages/forge/import/import.hpp"

namespace photon::forge {
namespace {

namespace fs = std::filesystem;

unsigned processors() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 1;
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&allowed)));
}

}  // namespace

Result<std::string> Context::packages() const {
  std::error_code error;
  if (auto given = arguments.text("--packages"); !given.empty()) {
    if (fs::is_directory(given + "/specs", error))
      return fs::absolute(given, error).lexically_normal().string();
    return fail(Kind::not_found, "forge.packages", fmt::format("{} has no folder specs", shown(given, 300)));
  }
  for (auto at = fs::current_path(error); !at.empty(); at = at.parent_path()) {
    for (const auto& folder : {at / "packages", at})
      if (fs::is_directory(folder / "specs", error)) return folder.string();
    if (at == at.root_path()) break;
  }
  return fail(Kind::not_found, "forge.packages",
              "neither this folder nor one above it has a folder packages/specs",
              "cd into a checkout, or say --packages DIR");
}

Result<std::string> Context::arch() const {
  if (auto given = arguments.text("--arch"); !given.empty()) return given;
  utsname machine{};
  if (::uname(&machine) != 0) return fail_errno("ask for this machine's processor", errno);
  return std::string(machine.machine);
}

Result<unsigned> Context::jobs() const {
  auto given = arguments.text("--jobs");
  if (given.empty()) return processors();
  unsigned jobs = 0;
  auto read = std::from_chars(given.data(), given.data() + given.size(), jobs);
  if (read.ec != std::errc() || read.ptr != given.data() + given.size() || jobs == 0 || jobs > 1024)
    return fail(Kind::usage, "cli.usage", fmt::format("--jobs cannot be \"{}\"", shown(given)),
                "a number from 1 to 1024");
  return jobs;
}

Result<Store*> Context::store() {
  if (!store_) {
    PHOTON_TRY(store_, Store::open(default_store()));
  }
  return store_.get();
}

Result<BuildOptions> Context::build_options() {
  BuildOptions options;
  PHOTON_TRY(options.packages, packages());
  PHOTON_TRY(options.arch, arch());
  PHOTON_TRY(options.jobs, jobs());
  options.only = arguments.positionals;
  options.logs = fs::path(options.packages).parent_path().string() + "/build/logs";
  return options;
}

Result<std::vector<std::string>> import_names(Context& context, const std::string& packages,
                                              const std::string& arch) {
  std::vector<std::string> names;
  std::error_code error;
  if (!fs::is_directory(packages + "/imports", error)) return names;
  PHOTON_TRY(auto* store, context.store());
  PHOTON_TRY(auto plans, plan_imports({.folder = packages + "/imports", .arch = arch}, *store));
  for (auto& plan : plans) names.push_back(std::move(plan.name));
  return names;
}

}  // namespace photon::forge

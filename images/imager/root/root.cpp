#include "images/imager/root/root.hpp"

#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "packages/rpm/package.hpp"
#include "packages/rpm/repository.hpp"
#include "packages/rpm/transaction.hpp"

namespace photon::images {
namespace {

namespace fs = std::filesystem;

rpm::RepositorySource source_of(const Supply& supply) {
  // One cache for each repository: what is older than the newest seen is refused, and another checkout's may
  // be.
  return {.name = fmt::format("image-{}-{}", supply.arch, sha256_hex(supply.repository).substr(0, 12)),
          .url = "file://" + supply.repository,
          .keys = {supply.key},
          .verify_metadata = true,
          .cache = supply.cache};
}

/// Whether the text names the package, with or without a version, and not one whose name is longer.
bool tells_of(std::string_view text, std::string_view package) {
  constexpr std::string_view inside = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-.";
  for (auto at = text.find(package); at != text.npos; at = text.find(package, at + 1)) {
    bool begins = at == 0 || inside.find(text[at - 1]) == inside.npos;
    auto rest = text.substr(at + package.size());
    bool ends = rest.empty() || inside.find(rest[0]) == inside.npos ||
                (rest[0] == '-' && rest.size() > 1 && rest[1] >= '0' && rest[1] <= '9');
    if (begins && ends) return true;
  }
  return false;
}

/// What the solver says, where the definition asks for it. Of several wishes that cannot be together the last
/// is shown: what a definition adds comes after what it extends.
Error at_its_place(Error error, const Definition& definition) {
  bool unknown = error.code == "rpm.unknown";
  if (!unknown && error.code != "rpm.unsolvable") return error;
  const Named* found = nullptr;
  for (const auto& named : definition.packages)
    if (tells_of(error.message, named.text) || (!unknown && tells_of(error.hint, named.text))) found = &named;
  if (!found) {
    error.where = definition.place;
    return error;
  }
  if (unknown) error.kind = Kind::usage;
  error.code = unknown ? "image.package" : "image.conflict";
  error.where = found->place;
  return error;
}

/// The repository by its folder, which people know, instead of its name in the cache, which they do not.
Error of_the_folder(Error error, const rpm::RepositorySource& source, const Supply& supply) {
  if (auto at = error.message.find(source.name); at != std::string::npos)
    error.message.replace(at, source.name.size(), supply.repository);
  return error;
}

Result<Plan> solve_in(const rpm::RepositorySource& source, const rpm::Request& request, const Supply& supply,
                      const Work& work) {
  work.report({.step = "solve", .subject = fmt::format("{} wishes", request.install.size())});
  Work quiet{.stop = work.stop, .progress = {}};  // the repository is on this disk: nothing is waited for
  PHOTON_TRY(auto pool, rpm::Pool::create(supply.arch));
  PHOTON_CHECK(rpm::refresh(source, quiet));
  PHOTON_CHECK(rpm::add_repository(pool, source, quiet));
  PHOTON_TRY(auto solution, pool.solve(request));
  Plan out;
  PHOTON_TRY(out.solution,
             rpm::fetch(std::move(solution), std::vector{source}, supply.cache + "/packages", {}, quiet));
  for (const auto& step : out.solution.steps) {
    if (work.stopped()) return cancelled();
    PHOTON_TRY(auto package, rpm::read_package(step.item.location));
    out.date = std::max(out.date, package.build_time);
    out.installed_size += step.item.installed_size;
    out.packages.push_back({.nevra = step.item.nevra,
                            .sha256 = step.item.sha256,
                            .installed_size = step.item.installed_size,
                            .vendor = package.vendor,
                            .license = package.license,
                            .summary = package.summary});
  }
  std::sort(out.packages.begin(), out.packages.end(), [](const Package& one, const Package& other) {
    return rpm::to_string(one.nevra) < rpm::to_string(other.nevra);
  });
  work.report(
      {.step = "solve", .subject = fmt::format("{} packages", out.packages.size()), .finished = true});
  return out;
}

Result<Plan> solve(const rpm::Request& request, const Supply& supply, const Work& work) {
  auto source = source_of(supply);
  auto found = solve_in(source, request, supply, work);
  if (!found) return tl::unexpected(of_the_folder(std::move(found.error()), source, supply));
  return found;
}

/// What is this machine's or this moment's, not the image's.
Result<void> take_away(const std::string& root, std::int64_t date) {
  auto database = root + std::string(rpm::database_folder);
  std::vector<std::string> files{database + "/rpmdb.sqlite-shm",
                                 database + "/rpmdb.sqlite-wal",
                                 database + "/.rpm.lock",
                                 root + "/etc/machine-id",
                                 root + "/var/lib/systemd/random-seed",
                                 root + "/var/lib/dbus/machine-id",
                                 root + "/etc/.pwd.lock",
                                 root + "/var/cache/ldconfig/aux-cache"};
  for (const auto& file : files) {
    struct stat status{};
    // A write-ahead log with something in it is the database's own.
    if (file.ends_with("-wal") && ::lstat(file.c_str(), &status) == 0 && status.st_size > 0)
      return fail(Kind::internal, "image.database", "rpm's database is not closed: " + file);
    if (::unlink(file.c_str()) != 0 && errno != ENOENT) return fail_errno("remove " + file, errno);
  }
  // Empty: systemd makes one at the first boot, and does not take that boot for a new installation, which
  // would set all services as their presets say and ask questions at the console.
  PHOTON_CHECK(write_file(root + "/etc/machine-id", "", 0444));
  // Newer than /usr: the caches that systemd would make at the first boot were made by the packages'
  // triggers. Times in the image may be cut to seconds, so the stamp says its own
  // (systemd-update-done.service(8)).
  auto stamp = fmt::format("TIMESTAMP_NSEC={}000000000\n", date + 1);
  for (const auto* file : {"/etc/.updated", "/var/.updated"})
    PHOTON_CHECK(write_file(root + file, stamp, 0644));
  std::error_code error;
  fs::remove_all(root + "/var/log/journal", error);
  return {};
}

}  // namespace

Result<Plan> plan(const Definition& definition, const Supply& supply, const Work& work) {
  rpm::Request request{.recommends = definition.recommends, .excludes = definition.exclude};
  for (const auto& named : definition.packages) request.install.push_back(named.text);
  auto found = solve(request, supply, work);
  if (!found) return tl::unexpected(at_its_place(std::move(found.error()), definition));
  return found;
}

Work for_tools(const Work& work) {
  return {.stop = work.stop, .progress = [work](Progress progress) {
            progress.step = "tools";
            work.report(progress);
          }};
}

Result<Plan> plan_tools(const std::vector<std::string>& packages, const Supply& supply, const Work& work) {
  return solve({.install = packages}, supply, for_tools(work));
}

Result<void> make_root(const Plan& plan, const Definition& definition, const Supply& supply,
                       const std::string& root, const Work& work) {
  PHOTON_CHECK(make_directories(root, 0755));
  if (::chown(root.c_str(), 0, 0) != 0 || ::chmod(root.c_str(), 0755) != 0)
    return fail_errno("set up " + root, errno);
  rpm::TransactionOptions options{.root = root,
                                  .arch = supply.arch,
                                  .documentation = definition.documentation,
                                  .languages = definition.languages,
                                  .keys = {supply.key},
                                  .date = plan.date,
                                  .disposable = true};
  PHOTON_CHECK(rpm::run(plan.solution, options, work));
  return take_away(root, plan.date);
}

std::string machine() {
  struct utsname name{};
  return ::uname(&name) == 0 ? name.machine : "";
}

Result<std::string> kernel_of(const std::string& root) {
  std::error_code error;
  std::string newest;
  for (const auto& entry : fs::directory_iterator(root + "/usr/lib/modules", error)) {
    auto version = entry.path().filename().string();
    if (!fs::exists(entry.path() / "vmlinuz", error)) continue;
    if (newest.empty() || rpm::compare({.version = newest}, {.version = version}) < 0) newest = version;
  }
  if (newest.empty())
    return fail(Kind::not_found, "image.kernel", "no package of the image brings a kernel",
                "packages = [\"kernel\"] in its definition, or the format oci alone");
  return newest;
}

}  // namespace photon::images

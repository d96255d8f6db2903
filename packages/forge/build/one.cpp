#include "packages/forge/build/one.hpp"

#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <filesystem>
#include <mutex>
#include <thread>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/undo.hpp"
#include "packages/forge/build/laid_out.hpp"
#include "packages/forge/build/log.hpp"

namespace photon::forge {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t most_log = 256 << 20;

/// Reads what the build has said since last time, once a second.
class PhaseWatch {
 public:
  PhaseWatch(const std::string& log, const Phase& phase)
      : thread_([this, log, phase](const std::stop_token& stop) { watch(stop, log, phase); }) {}

 private:
  void watch(const std::stop_token& stop, const std::string& path, const Phase& phase) {
    Fd log(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::string now = "prepare", buffer(64 << 10, '\0');
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, stop, std::chrono::milliseconds(500), [] { return false; })) {
      if (stop.stop_requested()) return;
      for (ssize_t got; (got = ::read(log.get(), buffer.data(), buffer.size())) > 0;)
        now = phase_of({buffer.data(), static_cast<std::size_t>(got)}, now);
      phase(now);
    }
  }
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

Error build_error(const Site& site, const Recipe& recipe, const SandboxEnd& end, const std::string& log,
                  const std::string& scratch) {
  std::string shown = site.options.logs.empty() ? log : site.options.logs + "/" + recipe.name + ".log";
  auto text = read_file(log, most_log);
  auto found = first_error(text ? *text : std::string());
  Error error{Kind::failed, "forge.build", {}, {}, "forge shell " + recipe.name + " opens a shell there"};
  if (end.timed_out) {
    error.message = fmt::format("{} took longer than {} s", recipe.name, site.options.time_limit.count());
  } else if (end.out_of_memory) {
    error.message =
        fmt::format("{} needs more memory than {} MiB", recipe.name, site.options.memory_limit >> 20);
  } else if (free_space(scratch) < (1 << 20) ||
             (text && text->find("No space left on device") != std::string::npos)) {
    error.kind = Kind::no_space;
    error.message = fmt::format("{}: the disk is full at {}", recipe.name, site.store.folder());
    error.hint = "make space there; forge gc removes what nothing needs";
  } else {
    error.message = found.line == 0 ? fmt::format("rpmbuild ended with {}", end.status) : found.text;
  }
  error.where = Place{shown, found.line, 0};
  return error;
}

/// What rpmbuild has written, in one folder; sorted by name.
Result<std::vector<OutputFile>> collect(const std::string& build, const std::string& folder) {
  PHOTON_CHECK(make_directories(folder, 0755));
  std::vector<OutputFile> outputs;
  std::error_code error;
  for (const char* kind : {"/RPMS", "/SRPMS"})
    for (fs::recursive_directory_iterator it(build + kind, error), end; it != end; it.increment(error)) {
      std::error_code ignored;
      if (!it->is_regular_file(ignored) || it->is_symlink(ignored) || it->path().extension() != ".rpm")
        continue;
      std::string name = it->path().filename(), to = folder + "/" + name;
      if (::rename(it->path().c_str(), to.c_str()) < 0) return fail_errno("take " + name, errno);
      PHOTON_TRY(std::string digest, sha256_file(to));
      outputs.push_back({name, digest, fs::file_size(to, ignored)});
    }
  std::sort(outputs.begin(), outputs.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return outputs;
}

struct Ran {
  std::vector<OutputFile> outputs{};
  std::vector<Input> sources{};
};

/// rpmbuild in a sandbox; the outputs lie in SCRATCH/out.
Result<Ran> run_rpmbuild(const Site& site, const Plan& plan, const std::string& scratch,
                         const std::string& log, unsigned cores, const Phase& phase, const Work& work) {
  PHOTON_TRY(auto laid, lay_out(site, plan, scratch, cores, work));
  PHOTON_TRY(auto out, open_fd(log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644));
  // Not -ba: then binary packages would name the source package's digest, and a comment in a spec would
  // rebuild all that depends on it.
  laid.command.argv = {"/bin/sh",        "-ec",      "rpmbuild -bb \"$@\"; exec rpmbuild -bs \"$@\"",
                       "rpmbuild",       "--nodeps", "--define",
                       "_topdir /build", "--target", laid.target,
                       laid.spec};
  laid.command.output = out.get();
  checkpoint("build.run");
  SandboxEnd end;
  {
    PhaseWatch watch(log, phase);
    PHOTON_TRY(end, run_in_sandbox(laid.command, work));
  }
  if (end.status != 0) return tl::unexpected(build_error(site, *plan.recipe, end, log, scratch));
  PHOTON_TRY(auto outputs, collect(scratch + "/upper/build", scratch + "/out"));
  if (std::none_of(outputs.begin(), outputs.end(),
                   [](const auto& file) { return !file.name.ends_with(".src.rpm"); }))
    return fail_at({plan.recipe->spec}, Kind::failed, "forge.build",
                   fmt::format("{} makes no package: has it no %files?", plan.recipe->name));
  return Ran{std::move(outputs), std::move(laid.sources)};
}

void link_log(const Site& site, const std::string& recipe, const std::string& log) {
  if (site.options.logs.empty()) return;
  (void)make_directories(site.options.logs, 0755);
  std::string link = site.options.logs + "/" + recipe + ".log",
              next = link + "." + std::to_string(::getpid());
  std::error_code ignored;
  ::unlink(next.c_str());
  if (::symlink(fs::absolute(log, ignored).c_str(), next.c_str()) == 0) ::rename(next.c_str(), link.c_str());
}

}  // namespace

std::vector<std::string> default_base() {
  return {"/usr/bin/rpmbuild", "/usr/bin/bash",    "/usr/bin/sh",   "/usr/bin/cat",  "/usr/bin/tar",
          "/usr/bin/gzip",     "/usr/bin/bzip2",   "/usr/bin/xz",   "/usr/bin/zstd", "/usr/bin/patch",
          "/usr/bin/sed",      "/usr/bin/grep",    "/usr/bin/find", "/usr/bin/diff", "/usr/bin/file",
          "/usr/bin/strip",    "/usr/bin/pkgconf", "(gawk or mawk)"};
}

std::string machine_arch() {
  utsname machine{};
  ::uname(&machine);
  return machine.machine;
}

bool Site::cross() const { return options.arch != machine_arch(); }

bool builds_for_another(const Recipe& recipe, const std::string& arch) {
  const auto& only = recipe.exclusive_arch;
  return recipe.arch == "noarch" || std::find(only.begin(), only.end(), arch) != only.end() ||
         std::all_of(recipe.sources.begin(), recipe.sources.end(),
                     [](const Source& source) { return !source.tree.empty(); });
}

std::string scratch_for(const Site& site, const Recipe& recipe, std::string_view more) {
  static std::atomic<unsigned> next = 0;
  return fmt::format("{}/scratch/{}-{}{}-{}", site.store.folder(), ::getpid(), recipe.name, more, next++);
}

Result<Built> build_one(const Site& site, const Plan& plan, const Phase& phase, const Work& work) {
  const Recipe& recipe = *plan.recipe;
  std::string scratch = scratch_for(site, recipe, {});
  Finally clean{[&] { (void)remove_scratch(scratch); }};
  std::string log = fmt::format("{}/logs/{}-{}.log", site.store.folder(), recipe.name, plan.key);
  PHOTON_CHECK(make_directories(scratch, 0755));
  PHOTON_TRY(auto made, open_fd(log, O_WRONLY | O_CREAT | O_TRUNC, 0644));
  link_log(site, recipe.name, log);
  Built built{.key = plan.key, .recipe = recipe.name, .arch = plan.arch, .origin = Origin::source};
  built.started = std::time(nullptr);
  auto begun = std::chrono::steady_clock::now();
  PHOTON_TRY(auto ran, run_rpmbuild(site, plan, scratch, log, site.options.jobs, phase, work));
  built.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  built.outputs = std::move(ran.outputs);
  built.sources = std::move(ran.sources);
  for (const auto* root : {&plan.root.native, &plan.root.sysroot})
    for (const auto& package : *root) built.dependencies.push_back({package.nevra, package.sha256});
  built.ingredients = plan.ingredients;
  built.log = log;
  checkpoint("build.done");
  PHOTON_CHECK(site.store.add(built, scratch + "/out"));
  return built;
}

Result<std::vector<std::string>> compare_again(const Site& site, const Plan& plan, const Built& built,
                                               const Work& work) {
  // Another path of another length, one core instead of several, another time.
  std::string scratch = scratch_for(site, *plan.recipe, "-once-more-and-elsewhere");
  PHOTON_CHECK(make_directories(scratch, 0755));
  Finally clean{[&] { (void)remove_scratch(scratch); }};
  std::string log = fmt::format("{}/logs/{}-{}.again.log", site.store.folder(), plan.recipe->name, plan.key);
  PHOTON_TRY(auto ran, run_rpmbuild(site, plan, scratch, log, 1, [](const auto&) {}, work));
  std::vector<std::string> different;
  std::map<std::string, std::string> first;
  for (const auto& file : built.outputs) first[file.name] = file.sha256;
  for (const auto& file : ran.outputs)
    if (auto found = first.find(file.name); found == first.end() || found->second != file.sha256)
      different.push_back(file.name);
  if (different.empty() && ran.outputs.size() == built.outputs.size()) return different;
  if (different.empty()) different.emplace_back("the set of packages");
  // Kept for `forge diff`.
  std::string kept = site.store.folder() + "/unequal/" + plan.recipe->name;
  (void)remove_scratch(kept);
  PHOTON_CHECK(make_directories(site.store.folder() + "/unequal", 0755));
  if (::rename((scratch + "/out").c_str(), kept.c_str()) < 0) return fail_errno("keep " + kept, errno);
  return different;
}

Result<int> shell_in(const Site& site, const Plan& plan, int terminal, const Work& work) {
  std::string scratch = scratch_for(site, *plan.recipe, "-shell");
  PHOTON_CHECK(make_directories(scratch, 0755));
  Finally clean{[&] { (void)remove_scratch(scratch); }};
  PHOTON_TRY(auto laid, lay_out(site, plan, scratch, site.options.jobs, work));
  const char* term = std::getenv("TERM");
  laid.command.environment["TERM"] = term ? term : "dumb";
  laid.command.environment["PS1"] = fmt::format("[{}] \\w# ", plan.recipe->name);
  laid.command.argv = {"/bin/bash", "--norc", "-i"};
  laid.command.input = laid.command.output = terminal;
  if (::isatty(terminal) == 0) {
    laid.command.argv.pop_back();
    laid.command.output = STDOUT_FILENO;
  }
  laid.command.time_limit = std::chrono::seconds(0);
  PHOTON_TRY(auto end, run_in_sandbox(laid.command, work));
  return end.status;
}

}  // namespace photon::forge

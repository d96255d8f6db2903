#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "devenv/daemon/daemon.hpp"
#include "devenv/daemon/lock.hpp"
#include "devenv/daemon/report.hpp"

namespace photon::daemon {
namespace {

Result<void> make_folders(const Paths& paths, bool system) {
  PHOTON_CHECK(make_directories(paths.data));
  PHOTON_CHECK(make_directories(paths.cache));
  // Settings of the machine are for everybody to read; its logins have a mode of their own.
  PHOTON_CHECK(make_directories(paths.config, system ? 0755 : 0700));
  return make_directories(paths.runtime, system ? 0755 : 0700);
}

Result<void> run(const Options& options) {
  bool system = options.system || ::geteuid() == 0;
  PHOTON_TRY(auto paths, find_paths(system));
  PHOTON_CHECK(make_folders(paths, system));
  PHOTON_TRY(auto files, config::files(system));
  PHOTON_TRY(auto loaded, config::load(files));
  PHOTON_TRY(auto configured, level_from(loaded.config.log.level));
  log::open("devenvd", options.level.value_or(configured));
  PHOTON_TRY(auto lock, lock_data(paths));
  if (!lock) {
    std::fputs("devenvd: another one is running and answers\n", stderr);
    return {};
  }
  PHOTON_TRY(auto self, sibling_program("devenvd"));
  PHOTON_TRY(auto entered, namespaces::enter(paths.runtime, {self, "hold", paths.runtime}));
  return serve(paths, entered, system, std::move(loaded.config));
}

void tell(const Error& error) {
  std::fputs(fmt::format("devenvd: {}\n", sentence(error)).c_str(), stderr);
  if (!error.hint.empty()) std::fputs(fmt::format("  {}\n", error.hint).c_str(), stderr);
  for (const auto& line : error.trace) std::fputs(fmt::format("  {}\n", line).c_str(), stderr);
}

int check() {
  auto paths = find_paths(::geteuid() == 0);
  if (!paths) {
    tell(paths.error());
    return exit_status(paths.error().kind);
  }
  return std::fputs(check_machine(*paths).c_str(), stdout) < 0 ? 1 : 0;
}

}  // namespace
}  // namespace photon::daemon

int main(int argc, char** argv) {
  using namespace photon;
  ::mallopt(M_ARENA_MAX, 2);  // each thread's own arena would cost an idle daemon megabytes
  // Else one large block that is freed raises both to twice its size, and what is free at the end of an arena
  // stays: malloc_trim gives that of the first arena alone back.
  ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 20);
  // containerd and the runtime inherit it and make root folders by it; what is ours says its own mode and
  // lies below folders of mode 0700.
  ::umask(0022);
  auto options = daemon::parse_options(argc, argv);
  if (!options) {
    daemon::tell(options.error());
    return exit_status(options.error().kind);
  }
  if (options->help) return std::fputs(daemon::usage_text().data(), stdout) < 0 ? 1 : 0;
  if (options->version) return std::printf("devenvd %s\n", daemon::version().data()) < 0 ? 1 : 0;
  if (options->check) return daemon::check();
  if (!options->hold.empty()) return namespaces::hold(options->hold);
  if (options->foreground) ::unsetenv("JOURNAL_STREAM");
  auto served = daemon::run(*options);
  if (served) return 0;
  daemon::tell(served.error());
  return exit_status(served.error().kind);
}

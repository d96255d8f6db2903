#include "devenv/devcontainer/machine.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <chrono>
#include <climits>
#include <cstdlib>

#include "devenv/core/fd.hpp"
#include "devenv/core/process.hpp"
#include "devenv/devcontainer/engine.hpp"
#include "devenv/devcontainer/face.hpp"

namespace photon::devcontainer {
namespace {

std::optional<std::string> variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

bool is_file(const std::string& path) {
  struct stat found{};
  return ::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode);
}

Result<std::optional<std::string>> read(const std::string& path) {
  auto bytes = read_file(path);
  if (bytes) return std::optional(std::move(*bytes));
  if (bytes.error().kind == Kind::not_found) return std::optional<std::string>();
  return tl::unexpected(std::move(bytes.error()));
}

/// git is only asked where there is a repository: without one, or told by its variables where to look, it
/// costs three milliseconds for nothing.
bool may_be_repository(std::string folder) {
  for (const char* name : {"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR"})
    if (variable(name)) return true;
  for (;;) {
    struct stat found{};
    if (::stat((folder + "/.git").c_str(), &found) == 0) return true;
    auto slash = folder.rfind('/');
    if (folder.empty() || slash == folder.npos) return false;
    folder.resize(slash);
  }
}

std::optional<std::string> way_to_git_root(const std::string& folder) {
  if (!may_be_repository(folder)) return std::nullopt;
  auto output = photon::run(Command{.argv = {"git", "rev-parse", "--show-cdup"}, .directory = folder});
  if (!output || output->status != 0) return std::nullopt;
  auto end = output->out.find_last_not_of(" \t\r\n");
  return output->out.substr(0, end == std::string::npos ? 0 : end + 1);
}

std::string temporary_folder() {
  for (const char* name : {"TMPDIR", "TMP", "TEMP"})
    if (auto value = variable(name); value && !value->empty()) {
      if (value->size() > 1 && value->ends_with('/')) value->pop_back();
      return *value;
    }
  return "/tmp";
}

std::string user_name() {
  const auto* entry = ::getpwuid(::getuid());
  return entry ? entry->pw_name : std::to_string(::getuid());
}

std::string go_architecture(std::string_view machine) {
  if (machine == "x86_64") return "amd64";
  if (machine == "aarch64") return "arm64";
  return std::string(machine);
}

}  // namespace

std::string system_words() {
  utsname system{};
  ::uname(&system);
  std::string_view machine = system.machine;
  return fmt::format("linux {} {}", system.release,
                     machine == "x86_64"    ? "x64"
                     : machine == "aarch64" ? "arm64"
                                            : machine);
}

Result<spec::reference::World> this_machine(const std::optional<std::string>& docker_path, Log& log) {
  char folder[PATH_MAX];
  if (!::getcwd(folder, sizeof folder)) return fail_errno("find the current folder", errno);
  utsname system{};
  ::uname(&system);
  auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  spec::reference::World world;
  world.working_folder = folder;
  world.store_folder = fmt::format("{}/devcontainercli-{}/container-features/{}-{}", temporary_folder(),
                                   user_name(), follows, now.count());
  world.architecture = go_architecture(system.machine);
  world.read = read;
  world.is_file = is_file;
  world.env = variable;
  world.way_to_git_root = way_to_git_root;
  world.engine = find_engine(docker_path, log);
  world.diagnose = [&log](const std::string& file, const spec::reference::Diagnostic& found) {
    log.write(LogLevel::warning, fmt::format("{}:{}:{}: {}", file, found.line, found.column, found.message));
  };
  world.tell = [&log](std::string_view text) { log.write(LogLevel::warning, text); };
  return world;
}

}  // namespace photon::devcontainer

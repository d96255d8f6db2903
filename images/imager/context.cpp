#include "images/imager/context.hpp"

#include <cstdlib>
#include <filesystem>

#include "devenv/core/name.hpp"
#include "packages/forge/publish/publish.hpp"

namespace photon::images {
namespace {

namespace fs = std::filesystem;

/// The folder above this one that holds images/definitions, or empty.
fs::path checkout() {
  std::error_code error;
  for (auto at = fs::current_path(error); !at.empty(); at = at.parent_path()) {
    if (fs::is_directory(at / "images/definitions", error)) return at;
    if (at == at.root_path()) break;
  }
  return {};
}

/// Definitions that came with the package of this program, or empty.
fs::path installed() {
  std::error_code error;
  auto folder = fs::read_symlink("/proc/self/exe", error).parent_path().parent_path() / "share/photon/images";
  return fs::is_directory(folder, error) ? folder : fs::path();
}

std::string cache_folder() {
  const char* given = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  auto base = given && *given == '/' ? std::string(given) : std::string(home ? home : "/root") + "/.cache";
  return base + "/photon/imager";
}

}  // namespace

Result<std::string> Context::definitions() const {
  std::error_code error;
  if (auto given = arguments.text("--definitions"); !given.empty()) {
    if (fs::is_directory(given, error)) return fs::absolute(given, error).lexically_normal().string();
    return fail(Kind::not_found, "image.folder", fmt::format("{} is no folder", shown(given, 300)),
                "--definitions names the folder that has NAME.toml");
  }
  if (auto found = checkout(); !found.empty()) return (found / "images/definitions").string();
  if (auto found = installed(); !found.empty()) return found.string();
  return fail(Kind::not_found, "image.folder", "neither this folder nor one above it has images/definitions",
              "cd into a checkout, or say --definitions DIR");
}

Result<std::string> Context::arch() const {
  auto given = arguments.text("--arch", machine());
  if (given == "x86_64" || given == "aarch64") return given;
  return fail(Kind::usage, "cli.usage", fmt::format("--arch cannot be \"{}\"", shown(given)),
              "x86_64 or aarch64");
}

Result<std::string> Context::output() const {
  std::error_code error;
  if (auto given = arguments.text("--output"); !given.empty()) return fs::absolute(given, error).string();
  PHOTON_TRY(auto processor, arch());
  auto base = checkout();
  return (base.empty() ? fs::current_path(error) : base / "build/images" / processor).string();
}

Result<BuildOptions> Context::build_options() const {
  BuildOptions options;
  std::error_code error;
  PHOTON_TRY(options.supply.arch, arch());
  PHOTON_TRY(options.output, output());
  auto given = arguments.text("--repository");
  if (given.empty() && checkout().empty())
    return fail(Kind::not_found, "image.repository",
                "outside of a checkout no repository of packages is known",
                "--repository DIR names one, as forge publish makes it");
  auto repository = [&](const std::string& processor) {
    return (checkout() / "build/packages" / processor).string();
  };
  options.supply.repository = given.empty() ? repository(options.supply.arch)
                                            : fs::absolute(given, error).lexically_normal().string();
  if (!fs::exists(options.supply.repository + "/repodata/repomd.xml", error))
    return fail(Kind::not_found, "image.repository",
                options.supply.repository + " is no repository of packages",
                "./photon packages makes it; or --repository DIR");
  auto key = read_file(options.supply.repository + "/RPM-GPG-KEY-photon", 1 << 20);
  if (!key) return within(std::move(key.error()), "while reading the repository's key");
  options.supply.key = std::move(*key);
  options.supply.cache = cache_folder();
  if (options.supply.arch != machine()) options.tools_repository = repository(machine());
  for (const auto& word : arguments.all("--format")) {
    PHOTON_TRY(auto format, format_from(word));
    options.formats.push_back(format);
  }
  options.key_folder = forge::default_key_folder();
  return options;
}

}  // namespace photon::images

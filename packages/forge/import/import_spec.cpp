#include "packages/forge/import/import_spec.hpp"

#include <rpm/rpmlib.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <sstream>

#include "devenv/core/error.hpp"
#include "devenv/core/name.hpp"

namespace photon::forge {
namespace {

/// Folders that `filesystem` owns; whoever else ships one says nothing about it.
const std::set<std::string, std::less<>>& common_folders() {
  static const std::set<std::string, std::less<>> folders{"/boot",
                                                          "/dev",
                                                          "/etc",
                                                          "/home",
                                                          "/media",
                                                          "/mnt",
                                                          "/opt",
                                                          "/proc",
                                                          "/root",
                                                          "/run",
                                                          "/srv",
                                                          "/sys",
                                                          "/tmp",
                                                          "/usr",
                                                          "/var",
                                                          "/etc/default",
                                                          "/etc/pam.d",
                                                          "/etc/profile.d",
                                                          "/etc/security",
                                                          "/etc/skel",
                                                          "/etc/ssl",
                                                          "/etc/opt",
                                                          "/etc/sysctl.d",
                                                          "/etc/modprobe.d",
                                                          "/etc/modules-load.d",
                                                          "/etc/systemd",
                                                          "/etc/xdg",
                                                          "/usr/bin",
                                                          "/usr/games",
                                                          "/usr/include",
                                                          "/usr/lib",
                                                          "/usr/lib64",
                                                          "/usr/libexec",
                                                          "/usr/sbin",
                                                          "/usr/share",
                                                          "/usr/src",
                                                          "/usr/lib/modules",
                                                          "/usr/lib/modprobe.d",
                                                          "/usr/lib/modules-load.d",
                                                          "/usr/lib/sysctl.d",
                                                          "/usr/lib/sysusers.d",
                                                          "/usr/lib/tmpfiles.d",
                                                          "/usr/lib/environment.d",
                                                          "/usr/lib/binfmt.d",
                                                          "/usr/lib/udev",
                                                          "/usr/lib/udev/rules.d",
                                                          "/usr/lib/systemd",
                                                          "/usr/lib/systemd/system",
                                                          "/usr/lib/systemd/user",
                                                          "/usr/lib/systemd/system-preset",
                                                          "/usr/lib/systemd/user-preset",
                                                          "/usr/lib/x86_64-linux-gnu",
                                                          "/usr/lib/aarch64-linux-gnu",
                                                          "/usr/lib/x86_64-linux-gnu/pkgconfig",
                                                          "/usr/lib/aarch64-linux-gnu/pkgconfig",
                                                          "/usr/share/pkgconfig",
                                                          "/usr/share/applications",
                                                          "/usr/share/bash-completion",
                                                          "/usr/share/bash-completion/completions",
                                                          "/usr/share/dict",
                                                          "/usr/share/doc",
                                                          "/usr/share/icons",
                                                          "/usr/share/info",
                                                          "/usr/share/licenses",
                                                          "/usr/share/locale",
                                                          "/usr/share/man",
                                                          "/usr/share/misc",
                                                          "/usr/share/mime",
                                                          "/usr/share/mime/packages",
                                                          "/usr/share/pixmaps",
                                                          "/usr/share/zsh",
                                                          "/usr/share/zsh/site-functions",
                                                          "/usr/share/zsh/vendor-completions",
                                                          "/usr/share/fish",
                                                          "/usr/share/fish/vendor_completions.d",
                                                          "/usr/local",
                                                          "/var/cache",
                                                          "/var/lib",
                                                          "/var/log",
                                                          "/var/mail",
                                                          "/var/spool",
                                                          "/var/tmp",
                                                          "/var/opt",
                                                          "/var/local",
                                                          "/var/lib/misc"};
  return folders;
}

/// Files stay as they are; what is a document %files says; perl and python are no part of the system, and
/// what a pkg-config file needs its package's own dependencies bring.
constexpr const char* switches =
    "%global __spec_install_post %{nil}\n"
    "%global __docdir_path %{nil}\n"
    "%global _binaries_in_noarch_packages_terminate_build 0\n"
    "%global __provides_exclude ^(perl\\\\(|perl )\n"
    "%global __requires_exclude ^(/usr/bin/perl|perl\\\\(|perl "
    "|/usr/bin/python|python\\\\(abi\\\\)|/usr/bin/tclsh"
    "|/usr/bin/wish|/usr/bin/ruby|/usr/bin/lua|pkgconfig\\\\()\n";

bool below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

enum class Part { main, documents, languages };
Part part_of(const DebFile& file) {
  const std::string& path = file.path;
  if (below(path, "/usr/share/locale") || below(path, "/usr/share/i18n/locales")) return Part::languages;
  for (const char* folder : {"/usr/share/doc", "/usr/share/man", "/usr/share/info", "/usr/share/gtk-doc"})
    if (below(path, folder)) return Part::documents;
  return Part::main;
}

bool is_copyright(const DebFile& file) {
  return below(file.path, "/usr/share/doc") && file.path.ends_with("/copyright") && !file.folder;
}

/// In quotes rpm 4.20 takes all but a backslash for itself.
std::string literal(const std::string& path) {
  std::string text = "\"";
  for (char c : path)
    if (c == '%' || c == '\\')
      text += {c, c};
    else
      text += c;
  return text + "\"";
}

/// Before that there are patterns in quotes, too. A class of one letter is that letter; a backslash is taken
/// for itself where the rest is no pattern.
std::string pattern_for(const std::string& path) {
  constexpr std::string_view special = "[]*?{}";
  bool pattern = path.find_first_of(special) != std::string::npos;
  std::string text = "\"";
  for (char c : path) {
    if (special.find(c) != std::string_view::npos)
      text += {'[', c, ']'};
    else if (c == ' ' && pattern)
      text += '?';  // a blank in a pattern would end it
    else
      text += c == '%' ? "%%" : std::string(1, c);
  }
  return text + "\"";
}

/// Words of others in a field: one line, no macros.
std::string plain(const std::string& text) {
  std::string line;
  for (char c : text.substr(0, text.find('\n'))) {
    if (c == '%') line += '%';
    line += c;
  }
  return line;
}

std::string allowed(std::string_view text) {
  std::string kept;
  for (char c : text) {
    bool fine = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                std::string_view("._+~^").find(c) != std::string_view::npos;
    kept += fine ? c : '+';
  }
  return kept.empty() ? "0" : kept;
}

Result<std::string> attributes(const DebFile& file, const ImportRecipe& recipe,
                               const std::vector<std::string>& users,
                               const std::vector<std::string>& groups) {
  std::string mode = fmt::format("{:04o}", file.mode), user = file.user, group = file.group;
  if (auto own = recipe.attr.find(file.path); own != recipe.attr.end()) {
    std::istringstream words(own->second);
    if (!(words >> mode >> user >> group))
      return fail_at(recipe.place, Kind::usage, "forge.import",
                     fmt::format("the attributes of {} are a mode, a user and a group", shown(file.path)));
  }
  auto known = [&](const std::vector<std::string>& names, const std::string& name) {
    return name == "root" || std::find(names.begin(), names.end(), name) != names.end();
  };
  if (!known(users, user) || !known(groups, group))
    return fail_at(
        recipe.place, Kind::usage, "forge.owner",
        fmt::format("{} belongs to {}:{}, which setup does not know", file.path, shown(user), shown(group)),
        "add them to packages/specs/filesystem/passwd and group, with numbers of their own");
  return fmt::format("%attr({},{},{})", file.link ? "-" : mode, user, group);
}

}  // namespace

SpecVersion version_of(const std::string& debian) {
  SpecVersion found;
  std::string_view rest = debian;
  if (auto colon = rest.find(':'); colon != std::string_view::npos) {
    for (char c : rest.substr(0, colon))
      if (std::isdigit(static_cast<unsigned char>(c)) != 0) found.epoch += c;
    rest.remove_prefix(colon + 1);
  }
  auto dash = rest.rfind('-');
  found.version = allowed(rest.substr(0, dash));
  found.release = dash == std::string_view::npos ? "0" : allowed(rest.substr(dash + 1));
  return found;
}

std::string file_name(const std::string& path, const char* version) {
  int major = 0, minor = 0;
  bool known = std::sscanf(version, "%d.%d", &major, &minor) == 2;
  return known && (major > 4 || (major == 4 && minor >= 20)) ? literal(path) : pattern_for(path);
}

Result<std::string> write_spec(const ImportSpec& spec, const std::vector<std::string>& users,
                               const std::vector<std::string>& groups) {
  const auto& recipe = spec.recipe;
  const auto& first = spec.debs.front().control;
  auto control = [&](const char* key) {
    auto found = first.find(key);
    return found == first.end() ? std::string() : found->second;
  };
  bool noarch = std::all_of(spec.debs.begin(), spec.debs.end(), [](const Deb& deb) {
    auto found = deb.control.find("Architecture");
    return found != deb.control.end() && found->second == "all";
  });
  auto version = version_of(control("Version"));
  std::string description = control("Description"), home = control("Homepage");
  std::string text = fmt::format(
      "Name: {}\n{}Version: {}\nRelease: {}\nSummary: {}\nLicense: LicenseRef-Debian-copyright\nVendor: "
      "Debian\n"
      "Group: imported/{}\n{}{}",
      recipe.name, version.epoch.empty() ? "" : "Epoch: " + version.epoch + "\n", version.version,
      version.release, plain(description.empty() ? recipe.name : description), recipe.group,
      home.empty() ? "" : "URL: " + plain(home) + "\n", noarch ? "BuildArch: noarch\n" : "");
  text += "Provides: origin(import)\n";
  for (const auto& provided : recipe.provides) text += "Provides: " + plain(provided) + "\n";
  for (const auto& need : spec.needs) text += "Requires: " + plain(need) + "\n";
  text += switches;

  std::set<std::string> conffiles;
  for (const auto& deb : spec.debs) conffiles.insert(deb.conffiles.begin(), deb.conffiles.end());
  std::string files[3];
  for (const auto& file : spec.files) {
    if (file.folder && common_folders().contains(file.path)) continue;
    auto part = part_of(file);
    if (part != Part::main && file.folder && !below(file.path, "/usr/share/doc")) continue;
    PHOTON_TRY(auto attr, attributes(file, recipe, users, groups));
    std::string line = attr;
    if (file.folder) line = "%dir " + line;
    if (is_copyright(file))
      line = "%license " + line, part = Part::main;
    else if (part == Part::documents && !file.folder)
      line = "%doc " + line;
    if (conffiles.contains(file.path) && !file.folder) line = "%config(noreplace) " + line;
    if (part == Part::documents && file.folder) part = Part::main;  // the licence lies there
    files[static_cast<int>(part)] += line + " " + file_name(file.path, RPMVERSION) + "\n";
  }
  for (const auto& [path, target] : recipe.links) files[0] += file_name(path, RPMVERSION) + "\n";

  text += "%description\n" + plain(description.empty() ? recipe.name : description) + "\n";
  constexpr const char* names[] = {"", "doc", "lang"};
  constexpr const char* words[] = {"", "Documents of", "Languages of"};
  for (int i : {1, 2})
    if (!files[i].empty())
      text += fmt::format("%package {0}\nSummary: {1} {2}\nBuildArch: noarch\n%description {0}\n{1} {2}.\n",
                          names[i], words[i], recipe.name);
  text += fmt::format("%install\nmkdir -p %{{buildroot}}\ncp -al '{}'/. %{{buildroot}}/\n", spec.payload);
  text += "%files\n" + files[0];
  for (int i : {1, 2})
    if (!files[i].empty()) text += fmt::format("%files {}\n{}", names[i], files[i]);
  return text;
}

}  // namespace photon::forge

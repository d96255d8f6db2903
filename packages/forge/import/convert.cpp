#include "packages/forge/import/convert.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/process.hpp"
#include "packages/forge/import/import_spec.hpp"

namespace photon::forge {
namespace {

namespace fs = std::filesystem;

/// Never of use here: other init systems, the archive's own checks and menus.
constexpr std::string_view dropped[] = {"/etc/init.d/**",
                                        "/etc/rc*.d/**",
                                        "/usr/share/lintian/**",
                                        "/usr/share/bug/**",
                                        "/usr/share/doc-base/**",
                                        "/usr/share/menu/**",
                                        "/usr/share/reportbug/**",
                                        "/etc/cron.*/**",
                                        "/usr/share/runit/**",
                                        "/usr/lib/init/**",
                                        "/var/run/**",
                                        "/run/**"};

bool script_of(const std::string& file, const std::vector<std::string>& languages) {
  if (languages.empty()) return false;
  auto fd = open_fd(file, O_RDONLY | O_NOFOLLOW);
  char first[80] = {};
  if (!fd || ::read(fd->get(), first, sizeof first - 1) < 3 || std::string_view(first).substr(0, 2) != "#!")
    return false;
  std::string_view line(first);
  line = line.substr(0, line.find('\n'));
  return std::any_of(languages.begin(), languages.end(),
                     [&](const auto& language) { return line.find(language) != std::string_view::npos; });
}

class Layout {
 public:
  explicit Layout(const Conversion& conversion)
      : conversion_(conversion), root_(conversion.scratch + "/root") {}

  Result<ImportSpec> lay_out(const Work& work) {
    const auto& recipe = conversion_.recipe;
    ImportSpec spec{.recipe = recipe, .needs = conversion_.needs, .arch = conversion_.arch, .payload = root_};
    PHOTON_CHECK(make_directories(root_, 0755));
    for (const auto& file : conversion_.debs) {
      PHOTON_TRY(auto deb, unpack_deb(file, root_, work));
      newest_ = std::max(newest_, deb.newest);
      for (const auto& about : deb.files) files_[about.path] = about;
      spec.debs.push_back(std::move(deb));
    }
    for (auto it = files_.begin(); it != files_.end();) {
      bool gone = !it->second.folder && unwanted(it->second);
      if (gone) (void)::unlink((root_ + it->first).c_str());
      it = gone ? files_.erase(it) : std::next(it);
    }
    for (const auto& [path, target] : recipe.links) {
      files_.erase(path);
      std::error_code ignored;
      fs::remove(root_ + path, ignored);
      PHOTON_CHECK(make_directories(fs::path(root_ + path).parent_path(), 0755));
      if (::symlink(target.c_str(), (root_ + path).c_str()) < 0) return fail_errno("link " + path, errno);
      settle(root_ + path);
    }
    drop_empty_folders();
    for (auto& [path, about] : files_) spec.files.push_back(about);
    return spec;
  }
  [[nodiscard]] std::int64_t newest() const { return newest_; }

 private:
  [[nodiscard]] bool unwanted(const DebFile& about) const {
    auto matches = [&](std::string_view pattern) { return matches_path(pattern, about.path); };
    const auto& recipe = conversion_.recipe;
    bool ours = recipe.only.empty() || matches_path("/usr/share/doc/*/copyright", about.path) ||
                std::any_of(recipe.only.begin(), recipe.only.end(), matches);
    return !ours || std::any_of(std::begin(dropped), std::end(dropped), matches) ||
           std::any_of(recipe.drop.begin(), recipe.drop.end(), matches) ||
           (!about.link && script_of(root_ + about.path, recipe.without));
  }

  /// A link of ours has the time of its package, not of this minute.
  void settle(const std::string& path) const {
    timespec both[2] = {{newest_, 0}, {newest_, 0}};
    (void)::utimensat(AT_FDCWD, path.c_str(), both, AT_SYMLINK_NOFOLLOW);
  }

  /// Whether any file or link is below it.
  [[nodiscard]] bool holds(const std::string& folder) const {
    auto it = files_.lower_bound(folder + "/");
    while (it != files_.end() && it->first.starts_with(folder + "/") && it->second.folder) ++it;
    return it != files_.end() && it->first.starts_with(folder + "/");
  }

  /// Folders that only held what was dropped; an empty one that the package ships as such stays.
  void drop_empty_folders() {
    bool part = !conversion_.recipe.only.empty();
    for (auto it = files_.begin(); it != files_.end();) {
      bool gone = it->second.folder &&
                  ((part && !holds(it->first)) ||
                   std::any_of(std::begin(dropped), std::end(dropped), [&](std::string_view pattern) {
                     return matches_path(pattern, it->first + "/x");
                   }));
      it = gone ? files_.erase(it) : std::next(it);
    }
  }

  const Conversion& conversion_;
  std::string root_;
  std::map<std::string, DebFile> files_;
  std::int64_t newest_ = 0;
};

std::string complaint(const Output& done) {
  std::istringstream lines(done.err + done.out);
  std::string last;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("error:")) return shown(line.substr(6));
    if (!line.empty()) last = line;
  }
  return shown(last);
}

}  // namespace

std::vector<std::string> names_in(const std::string& file) {
  std::vector<std::string> names;
  std::istringstream lines(read_file(file).value_or(""));
  for (std::string line; std::getline(lines, line);)
    if (auto colon = line.find(':'); colon != std::string::npos) names.push_back(line.substr(0, colon));
  return names;
}

Result<std::string> macro_path(const std::string& ours) {
  PHOTON_TRY(auto shown_rc, run({.argv = {"rpm", "--showrc"}}));
  std::istringstream lines(shown_rc.out);
  for (std::string line; std::getline(lines, line);)
    if (auto at = line.find("/usr/lib/rpm/macros"); line.starts_with("Macro path") && at != std::string::npos)
      return line.substr(at) + ":" + ours;
  return fail(Kind::unavailable, "forge.rpm", "rpm does not say where its macros are", "apt-get install rpm");
}

Result<std::vector<OutputFile>> convert(const Conversion& conversion, const Work& work) {
  Layout layout(conversion);
  PHOTON_TRY(auto spec, layout.lay_out(work));
  PHOTON_TRY(auto text, write_spec(spec, conversion.users, conversion.groups));
  std::string file = conversion.scratch + "/import.spec", out = conversion.scratch + "/out";
  PHOTON_CHECK(write_file(file, text, 0644));
  std::string temporary = conversion.scratch + "/tmp";
  for (const auto& folder : {out, temporary}) PHOTON_CHECK(make_directories(folder, 0755));
  auto define = [](std::string_view name, std::string_view value) {
    return fmt::format("{} {}", name, value);
  };
  Command command{
      .argv = {"rpmbuild", "-bb", "--nodeps", "--quiet", "--target", conversion.arch + "-linux", "--macros",
               conversion.macros, "--define", define("_topdir", conversion.scratch + "/top"), "--define",
               define("_rpmdir", out), "--define",
               define("_rpmfilename", "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm"), "--define",
               // A killed rpmbuild leaves its scripts behind: in the scratch, which is swept.
               define("_tmppath", temporary), "--define", define("source_date_epoch_from_changelog", "0"),
               file},
      .environment =
          std::map<std::string, std::string>{{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"},
                                             {"LC_ALL", "C.UTF-8"},
                                             {"TZ", "UTC"},
                                             {"HOME", conversion.scratch},
                                             {"SOURCE_DATE_EPOCH", std::to_string(layout.newest())}},
      .directory = conversion.scratch,
      .dies_with_us = true};
  PHOTON_TRY(auto done, run(std::move(command), {}, std::chrono::minutes(20), work.stop));
  if (done.status != 0)
    return fail(Kind::failed, "forge.import",
                fmt::format("{} cannot be made: {}", conversion.recipe.name, complaint(done)));
  if (done.err.find("using root") != std::string::npos)
    return fail(Kind::failed, "forge.owner",
                fmt::format("{}: an owner of its files is not known", conversion.recipe.name),
                "add it to packages/specs/filesystem/passwd or group");
  std::vector<OutputFile> outputs;
  for (const auto& entry : fs::directory_iterator(out)) {
    PHOTON_TRY(auto sum, sha256_file(entry.path()));
    outputs.push_back({entry.path().filename(), sum, entry.file_size()});
  }
  std::sort(outputs.begin(), outputs.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return outputs;
}

}  // namespace photon::forge

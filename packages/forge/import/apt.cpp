#include "packages/forge/import/apt.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/undo.hpp"

namespace photon::forge {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view suite = "trixie";
constexpr const char* keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

std::string codename_here() {
  auto text = read_file("/etc/os-release").value_or("");
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("VERSION_CODENAME=")) return line.substr(17);
  return {};
}

/// Where Debian's mirrors keep security updates, beside what they call the main archive; nothing where this
/// one has none there.
std::string security_beside(std::string uri, const std::string& folder) {
  while (uri.ends_with('/')) uri.pop_back();
  if (!uri.ends_with("/debian")) return {};
  uri += "-security";
  std::string file = folder + "/security";
  Finally clean{[&] { ::unlink(file.c_str()); }};
  auto asked = run({.argv = {"/usr/lib/apt/apt-helper", "download-file",
                             fmt::format("{}/dists/{}-security/InRelease", uri, suite), file}});
  return asked && asked->status == 0 ? uri : "";
}

/// The machine's own mirrors of the release that it runs, asked for ours instead: main, updates, security. A
/// machine that asks for the main archive alone has the last beside it: what is locked may be there.
Result<std::string> sources_of_machine(const std::string& folder) {
  PHOTON_TRY(auto asked, run({.argv = {"apt-get", "indextargets", "--no-release-info", "--format",
                                       "$(REPO_URI)|$(RELEASE)|$(COMPONENT)", "Created-By: Packages"}}));
  std::string here = codename_here(), signed_by;
  if (fs::exists(keyring)) signed_by = fmt::format("[signed-by={}] ", keyring);
  std::set<std::string> lines;
  std::string first_uri;
  bool security = false;
  auto add = [&](const std::string& uri, std::string_view more) {
    for (const char* kind : {"deb", "deb-src"})
      lines.insert(fmt::format("{} {}{} {}{} main\n", kind, signed_by, uri, suite, more));
  };
  std::istringstream rows(asked.out);
  for (std::string row; std::getline(rows, row);) {
    auto first = row.find('|'), second = row.rfind('|');
    if (first == std::string::npos || first == second || row.substr(second + 1) != "main") continue;
    std::string uri = row.substr(0, first), release = row.substr(first + 1, second - first - 1);
    for (const char* more : {"", "-updates", "-security"})
      if (release == here + more) add(uri, more);
    security = security || release == here + "-security";
    if (release == here && first_uri.empty()) first_uri = uri;
  }
  static const std::string beside = security || first_uri.empty() ? "" : security_beside(first_uri, folder);
  if (!security && !beside.empty()) add(beside, "-security");
  if (lines.empty())
    return fail(Kind::unavailable, "forge.apt", "apt knows no mirror of this machine's release",
                "apt-get update");
  std::string text;
  for (const auto& line : lines) text += line;
  return text;
}

/// Of the lines "deb-src [options] URI RELEASE COMPONENT…".
std::vector<std::string> releases_in(const std::string& list) {
  std::vector<std::string> found;
  std::istringstream lines(list);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("deb-src ")) continue;
    auto options = line.find(']');
    std::istringstream words(line.substr(options == std::string::npos ? 8 : options + 1));
    std::string uri, release;
    if (words >> uri >> release && std::find(found.begin(), found.end(), release) == found.end())
      found.push_back(release);
  }
  return found;
}

std::string field(std::string_view record, std::string_view name) {
  std::string found;
  bool inside = false;
  std::istringstream lines{std::string(record)};
  for (std::string line; std::getline(lines, line);) {
    if (inside && line.starts_with(' ')) {
      found += line;
      continue;
    }
    inside = line.size() > name.size() && line.starts_with(name) && line[name.size()] == ':';
    if (inside) found = line.substr(std::min(line.size(), name.size() + 2));
  }
  return found;
}

std::string last_error(const std::string& text) {
  std::istringstream lines(text);
  std::string found, last;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("E: ") && found.empty()) found = line.substr(3);
    if (!line.empty()) last = line;
  }
  return shown(found.empty() ? last : found);
}

}  // namespace

std::string debian_arch(const std::string& arch) {
  return arch == "x86_64" ? "amd64" : arch == "aarch64" ? "arm64" : arch;
}

Result<Apt> Apt::open(const std::string& folder, const std::string& arch, const std::string& sources) {
  Apt apt;
  apt.folder_ = folder + "/" + debian_arch(arch);
  for (const char* below : {"/lists/partial", "/cache/archives/partial", "/preferences.d"})
    PHOTON_CHECK(make_directories(apt.folder_ + below, 0755));
  std::string list;
  if (sources.empty()) {
    PHOTON_TRY(list, sources_of_machine(apt.folder_));
  } else {
    PHOTON_TRY(list, read_file(sources));
  }
  apt.configuration_ = apt.folder_ + "/apt.conf";
  // Read last, over the machine's own settings (proxies, retries), which stay.
  std::string text = fmt::format(
      R"(APT::Architecture "{0}";
#clear APT::Architectures;
APT::Architectures {{ "{0}"; }};
APT::Get::List-Cleanup "false";
APT::Sandbox::User "{2}";
Acquire::Languages "none";
Dir::State "{1}";
Dir::State::lists "{1}/lists";
Dir::State::status "{1}/status";
Dir::Cache "{1}/cache";
Dir::Etc::sourcelist "{1}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "{1}/preferences.d";
Dir::Etc::preferences "/dev/null";
)",
      debian_arch(arch), apt.folder_, ::geteuid() == 0 ? "root" : "");
  auto write = [&](const std::string& file, const std::string& bytes) -> Result<void> {
    return read_file(file).value_or("") == bytes && fs::exists(file) ? Result<void>()
                                                                     : write_file(file, bytes, 0644);
  };
  apt.releases_ = releases_in(list);
  if (read_file(apt.folder_ + "/sources.list").value_or("") != list)
    ::unlink((apt.folder_ + "/updated").c_str());
  PHOTON_CHECK(write(apt.folder_ + "/sources.list", list));
  PHOTON_CHECK(write(apt.folder_ + "/status", ""));
  PHOTON_CHECK(write(apt.configuration_, text));
  return apt;
}

Result<Output> Apt::run_apt(std::vector<std::string> words, const std::string& directory, const Work& work) {
  words.insert(words.begin() + 1, {"-c", configuration_});
  return run({.argv = std::move(words), .directory = directory, .dies_with_us = true}, {},
             std::chrono::minutes(30), work.stop);
}

Result<void> Apt::update(bool anew, const Work& work) {
  PHOTON_TRY(Fd lock, open_fd(folder_ + "/lock", O_RDWR | O_CREAT, 0644));
  while (::flock(lock.get(), LOCK_EX) < 0)
    if (errno != EINTR) return fail_errno("lock " + folder_, errno);
  std::string stamp = folder_ + "/updated";
  if (!anew && fs::exists(stamp)) return {};
  work.report({.step = "lists", .subject = "the distribution's packages"});
  PHOTON_TRY(auto done, run_apt({"apt-get", "update", "-qq", "-o", "APT::Update::Error-Mode=any"}, "", work));
  if (done.status != 0)
    return fail(Kind::unavailable, "forge.apt",
                "the distribution's lists cannot be fetched: " + last_error(done.err),
                "look at the network and at this machine's apt sources");
  work.report({.step = "lists", .subject = "the distribution's packages", .finished = true});
  return write_file(stamp, "", 0644);
}

Result<std::map<std::string, AptPackage>> Apt::show(const std::vector<std::string>& packages,
                                                    const Work& work) {
  std::vector<std::string> words{"apt-cache", "show", "--no-all-versions"};
  words.insert(words.end(), packages.begin(), packages.end());
  PHOTON_TRY(auto asked, run_apt(std::move(words), "", work));
  std::map<std::string, AptPackage> found;
  std::string_view rest = asked.out;
  while (!rest.empty()) {
    auto end = rest.find("\n\n");
    auto record = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
    AptPackage package{.name = field(record, "Package"),
                       .version = field(record, "Version"),
                       .architecture = field(record, "Architecture"),
                       .path = field(record, "Filename"),
                       .sha256 = field(record, "SHA256"),
                       .provides = field(record, "Provides")};
    package.size = std::strtoull(field(record, "Size").c_str(), nullptr, 10);
    auto before = field(record, "Pre-Depends"), depends = field(record, "Depends");
    package.depends = before + (before.empty() || depends.empty() ? "" : ", ") + depends;
    if (package.name.empty() || package.sha256.size() != 64 || package.path.empty()) continue;
    found.emplace(package.name, std::move(package));
  }
  return found;
}

Result<void> Apt::download(const std::vector<std::string>& pinned, const std::string& directory,
                           const Work& work) {
  std::vector<std::string> words{"apt-get", "download", "-qq"};
  words.insert(words.end(), pinned.begin(), pinned.end());
  PHOTON_TRY(auto done, run_apt(std::move(words), directory, work));
  if (done.status == 0) return {};
  for (const char* gone : {"was not found", "Unable to locate", "404", "File not found"})
    if (done.err.find(gone) != std::string::npos)
      return fail(Kind::not_found, "forge.lock", last_error(done.err));
  return fail(Kind::unavailable, "forge.apt", "packages cannot be fetched: " + last_error(done.err),
              "try again; what has arrived is kept");
}

Result<std::string> Apt::fetch_from(const std::string& pinned, const std::string& file,
                                    const std::string& directory, const Work& work) {
  PHOTON_TRY(auto uris,
             run_apt({"apt-get", "source", "--print-uris", "-qq", "--only-source", pinned}, "", work));
  std::istringstream rows(uris.out);  // 'URI' FILE SIZE SHA256:HEX
  for (std::string row; std::getline(rows, row);) {
    std::istringstream cells(row);
    std::string uri, name, size, sum;
    if (!(cells >> uri >> name >> size >> sum) || name != file || uri.size() < 3) continue;
    std::string target = directory + "/" + file;
    PHOTON_TRY(auto got, run_apt({"/usr/lib/apt/apt-helper", "download-file", uri.substr(1, uri.size() - 2),
                                  target, sum},
                                 "", work));
    if (got.status == 0) return target;
    return fail(Kind::unavailable, "forge.source",
                fmt::format("{} cannot be fetched: {}", file, last_error(got.err)));
  }
  return fail(Kind::not_found, "forge.source",
              fmt::format("the distribution's source package {} has no {}", pinned, file),
              "its version has moved on: name the new file in sources.toml");
}

// A file that the security archive and the release both list is only asked for at the former, which may have
// lost it: so each release is asked by its name, too.
Result<std::string> Apt::source(const std::string& package, const std::string& file,
                                const std::string& directory, const Work& work) {
  PHOTON_CHECK(update(false, work));
  auto asked = [&]() -> Result<std::string> {
    std::vector<std::string> names{package};
    for (const auto& release : releases_) names.push_back(package + "/" + release);
    Result<std::string> found;
    for (const auto& name : names) {
      found = fetch_from(name, file, directory, work);
      if (found || work.stopped()) break;
    }
    return found;
  };
  auto found = asked();
  if (found || found.error().kind != Kind::not_found) return found;
  PHOTON_CHECK(update(true, work));
  return asked();
}

}  // namespace photon::forge

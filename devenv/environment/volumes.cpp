#include "devenv/environment/volumes.hpp"

#include <unistd.h>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/terminal.hpp"

namespace photon::environment {
namespace fs = std::filesystem;
namespace {

bool alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Of each user their own: on a shared machine a name must not lead to somebody else's files.
std::string named_folder(const Paths& paths, const Record& record, const std::string& name) {
  return fmt::format("{}/volumes/{}/{}", paths.data, record.owner, name);
}

Result<void> check_volume(const std::string& name) {
  bool good = name.size() <= 128 && alphanumeric(name.front()) &&
              std::all_of(name.begin(), name.end(),
                          [](char c) { return alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
  if (good) return {};
  return fail(Kind::usage, "environment.volume", fmt::format("\"{}\" is no name of a volume", shown(name)),
              "letters, digits, _, . and -, beginning with a letter or digit");
}

std::uint64_t bytes_in(const std::string& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    if (at->is_regular_file(gone) && !at->is_symlink(gone)) bytes += at->file_size(gone);
  }
  return bytes;
}

}  // namespace

Result<std::string> volume_folder(const Paths& paths, Record& record, const spec::PlanMount& mount) {
  std::string folder;
  if (mount.source.empty()) {
    folder =
        fmt::format("{}/volumes/{}", paths.environment(record.id), sha256_hex(mount.target).substr(0, 16));
  } else {
    PHOTON_CHECK(check_volume(mount.source));
    folder = named_folder(paths, record, mount.source);
    if (std::find(record.volumes.begin(), record.volumes.end(), mount.source) == record.volumes.end())
      record.volumes.push_back(mount.source);
  }
  PHOTON_CHECK(make_directories(fs::path(folder).parent_path(), 0711));
  PHOTON_CHECK(make_directories(folder, 0755));
  std::error_code error;
  if (fs::is_empty(folder, error) && ::chown(folder.c_str(), record.uid, record.gid) < 0)
    return fail_errno("give away " + folder, errno);
  return folder;
}

std::vector<std::string> own_volumes(const Record& record, const std::vector<store::EnvironmentRow>& all) {
  auto names = record.volumes;
  for (const auto& row : all) {
    if (row.id == record.id || row.owner != record.owner) continue;
    auto other = from_row(row);
    std::erase_if(names, [&](const std::string& name) {
      return std::find(other.volumes.begin(), other.volumes.end(), name) != other.volumes.end();
    });
  }
  return names;
}

std::vector<std::string> volume_words(const Paths& paths, const Record& record,
                                      const std::vector<std::string>& names) {
  std::vector<std::string> words;
  for (const auto& name : names) {
    auto folder = named_folder(paths, record, name);
    std::error_code error;
    if (!fs::exists(folder, error) || fs::is_empty(folder, error)) continue;
    words.push_back(fmt::format("volume {} {}", name, size_words(bytes_in(folder))));
  }
  return words;
}

Result<void> remove_volumes(const Paths& paths, const Record& record, const std::vector<std::string>& names) {
  for (const auto& name : names) {
    auto folder = named_folder(paths, record, name);
    std::error_code error;
    fs::remove_all(folder, error);
    if (error)
      return fail(Kind::failed, "environment.delete",
                  fmt::format("cannot delete {}: {}", folder, error.message()));
  }
  return {};
}

}  // namespace photon::environment

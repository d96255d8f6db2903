#include "devenv/feature/store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/digest.hpp"
#include "devenv/core/name.hpp"

namespace photon::feature {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view draft_prefix = "draft-";

std::uint64_t bytes_in(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->is_regular_file(error) && !at->is_symlink(error)) bytes += at->file_size(error);
    error.clear();
  }
  return bytes;
}

std::vector<fs::path> entries(const std::string& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) found.push_back(entry.path());
  return found;
}

}  // namespace

Store::Draft::Draft(Draft&& other) noexcept
    : folder_(std::exchange(other.folder_, "")), lock_(std::move(other.lock_)) {}

Store::Draft::~Draft() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

std::string Store::place(const std::string& digest) const {
  return folder_ + "/" + (digest.starts_with("sha256:") ? digest.substr(7) : digest);
}

std::optional<std::string> Store::find(const std::string& digest) const {
  if (!is_sha256_digest(digest)) return std::nullopt;
  auto files = place(digest);
  if (::access(files.c_str(), F_OK) < 0) return std::nullopt;
  return files;
}

Result<Store::Draft> Store::draft() const {
  auto folder = fmt::format("{}/{}{}", folder_, draft_prefix, random_id());
  PHOTON_CHECK(make_directories(folder));
  // Held as long as we live: whoever sweeps sees by it that somebody still works here.
  auto lock = open_fd(folder + "/lock", O_RDWR | O_CREAT);
  if (lock && ::flock(lock->get(), LOCK_EX | LOCK_NB) < 0) lock = fail_errno("lock " + folder, errno);
  if (!lock) return tl::unexpected(std::move(lock.error()));
  return Draft(std::move(folder), std::move(*lock));
}

Result<std::string> Store::keep(Draft draft, const std::string& digest) const {
  if (!is_sha256_digest(digest))
    return fail(Kind::internal, "feature.digest", fmt::format("{} is no digest", shown(digest)));
  auto files = place(digest);
  checkpoint("feature.keep");
  // A folder that is there and not empty is left as it is: it was put there whole.
  if (::rename(draft.files().c_str(), files.c_str()) < 0 && errno != ENOTEMPTY && errno != EEXIST)
    return fail_errno("keep " + files, errno);
  PHOTON_TRY(Fd folder, open_fd(folder_, O_RDONLY | O_DIRECTORY));
  if (::fsync(folder.get()) < 0) return fail_errno("keep " + files, errno);
  return files;
}

Result<void> Store::sweep() const {
  for (const auto& path : entries(folder_)) {
    if (!path.filename().string().starts_with(draft_prefix)) continue;
    auto lock = open_fd(path.string() + "/lock", O_RDWR);
    if (!lock) {
      // A moment ago its folder was made; a minute ago is another matter.
      struct stat made{};
      if (::stat(path.c_str(), &made) < 0 || ::time(nullptr) - made.st_mtime < 60) continue;
    } else if (::flock(lock->get(), LOCK_EX | LOCK_NB) < 0) {
      continue;
    }
    std::error_code error;
    fs::remove_all(path, error);
    if (error) return fail_errno("delete " + path.string(), error.value());
  }
  return {};
}

std::uint64_t Store::size() const {
  std::uint64_t bytes = 0;
  for (const auto& path : entries(folder_))
    if (!path.filename().string().starts_with(draft_prefix)) bytes += bytes_in(path);
  return bytes;
}

Result<std::uint64_t> Store::collect(const std::set<std::string>& wanted) const {
  PHOTON_CHECK(sweep());
  std::uint64_t freed = 0;
  for (const auto& path : entries(folder_)) {
    auto name = path.filename().string();
    if (name.starts_with(draft_prefix) || wanted.contains("sha256:" + name)) continue;
    auto bytes = bytes_in(path);
    // Not under its name any more before the first file goes: nobody finds half of it.
    PHOTON_TRY(auto grave, draft());
    if (::rename(path.c_str(), grave.files().c_str()) < 0)
      return fail_errno("delete " + path.string(), errno);
    freed += bytes;
  }
  return freed;
}

}  // namespace photon::feature

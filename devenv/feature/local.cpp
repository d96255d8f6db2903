#include "devenv/feature/local.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devenv/core/beneath.hpp"
#include "devenv/core/digest.hpp"
#include "devenv/core/name.hpp"

namespace photon::feature {
namespace {

constexpr std::uint64_t most_bytes = 256ULL << 20;  ///< they are held in memory
constexpr unsigned most_levels = 32;

constexpr std::string_view top_folder = "the workspace";

using Folder = std::unique_ptr<DIR, int (*)(DIR*)>;

class Walk {
 public:
  explicit Walk(const unpack::Bounds& bounds) : bounds_(bounds) {}

  Result<std::vector<LocalFile>> run(Fd root) {
    PHOTON_CHECK(folder(std::move(root), "", 0));
    std::sort(files_.begin(), files_.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return std::move(files_);
  }

 private:
  Result<void> folder(Fd fd, const std::string& path, unsigned level) {
    if (level > most_levels) return too_much(fmt::format("more than {} levels of folders", most_levels));
    Folder listing(::fdopendir(fd.get()), &::closedir);
    if (!listing) return fail_errno("list " + shown(path, 200), errno);
    const int at = fd.release();  // the listing's now
    while (const dirent* found = ::readdir(listing.get())) {
      std::string name = found->d_name;
      if (name == "." || name == "..") continue;
      PHOTON_CHECK(entry(at, name, path.empty() ? name : path + "/" + name, level));
    }
    return {};
  }

  Result<void> entry(int folder_fd, const std::string& name, const std::string& path, unsigned level) {
    struct stat found{};
    if (::fstatat(folder_fd, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) < 0)
      return fail_errno("read " + shown(path, 200), errno);
    if (S_ISDIR(found.st_mode)) {
      PHOTON_TRY(Fd next, open_beneath(folder_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, top_folder));
      return folder(std::move(next), path, level + 1);
    }
    if (files_.size() >= bounds_.entries) return too_much(fmt::format("more than {} files", bounds_.entries));
    if (S_ISLNK(found.st_mode)) return link(folder_fd, name, path);
    if (!S_ISREG(found.st_mode))
      return fail(Kind::usage, "feature.local",
                  fmt::format("{} is neither file, folder nor link", shown(path, 200)), "take it away");
    PHOTON_TRY(Fd file, open_beneath(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, top_folder));
    bytes_ += static_cast<std::uint64_t>(found.st_size);
    if (bytes_ > most_bytes) return too_much(fmt::format("more than {} MiB", most_bytes >> 20));
    PHOTON_TRY(auto content, read_all(file.get(), most_bytes));
    files_.push_back({path, "", std::move(content), (found.st_mode & 0111) != 0});
    return {};
  }

  Result<void> link(int folder_fd, const std::string& name, const std::string& path) {
    std::string target(4096, '\0');
    auto length = ::readlinkat(folder_fd, name.c_str(), target.data(), target.size());
    if (length < 0) return fail_errno("read " + shown(path, 200), errno);
    target.resize(static_cast<std::size_t>(length));
    files_.push_back({path, std::move(target), "", false});
    return {};
  }

  static tl::unexpected<Error> too_much(std::string what) {
    return fail(Kind::usage, "feature.bounds", fmt::format("the feature's folder has {}", what),
                "a feature is meant to fetch what is large");
  }

  const unpack::Bounds& bounds_;
  std::vector<LocalFile> files_;
  std::uint64_t bytes_ = 0;
};

Result<Fd> open_workspace(const std::string& workspace) { return open_fd(workspace, O_RDONLY | O_DIRECTORY); }

}  // namespace

Result<std::vector<LocalFile>> read_local(const std::string& workspace, const std::string& path,
                                          const unpack::Bounds& bounds) {
  PHOTON_TRY(Fd top, open_workspace(workspace));
  PHOTON_TRY(Fd folder, open_beneath(top.get(), path, O_RDONLY | O_DIRECTORY, top_folder));
  return Walk(bounds).run(std::move(folder));
}

std::string digest_of(const std::vector<LocalFile>& files) {
  Sha256 sum;
  // Each part with its length, so that no two folders give the same bytes.
  auto add = [&](std::string_view part) {
    sum.update(fmt::format("{}:", part.size()));
    sum.update(part);
  };
  for (const auto& file : files) {
    add(file.path);
    add(!file.link.empty() ? "link" : file.executable ? "program" : "file");
    add(file.link.empty() ? file.content : file.link);
  }
  return "sha256:" + sum.hex();
}

Result<void> write_local(const std::vector<LocalFile>& files, unpack::Tree& to) {
  for (const auto& file : files) {
    if (!file.link.empty()) {
      PHOTON_CHECK(to.link(file.path, file.link));
      continue;
    }
    PHOTON_TRY(Fd out, to.file(file.path, file.executable));
    PHOTON_CHECK(write_all(out.get(), file.content));
    if (::fsync(out.get()) < 0) return fail_errno("keep " + file.path, errno);
  }
  return to.sync();
}

}  // namespace photon::feature

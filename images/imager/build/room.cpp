#include "images/imager/build/room.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <set>

#include "devenv/core/fd.hpp"
#include "devenv/core/terminal.hpp"

namespace photon::images {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t MiB = 1 << 20, block = 4096;
// What mke2fs takes for itself, as it is called here (disk.cpp): a journal of 64 MiB, group descriptors and
// those kept for growth, and an inode of 256 bytes for each 16 KiB; below 512 MiB for each 4 KiB
// (mke2fs.conf, "small").
constexpr std::uint64_t journal = 64 * MiB, descriptors = 12 * MiB, small = 512 * MiB;

constexpr std::uint64_t blocks(std::uint64_t bytes) { return (bytes + block - 1) / block * block; }

}  // namespace

Result<void> check_space(const Plan& plan, const std::vector<Format>& formats, const std::string& output) {
  // The largest moment of the making: the tree, and each output beside it.
  std::uint64_t need = plan.installed_size + 256 * MiB;
  bool raw = false;
  for (auto format : formats) {
    raw = raw || format == Format::raw || format == Format::qcow2;
    need += format == Format::direct ? plan.installed_size + 128 * MiB : plan.installed_size / 2;
  }
  if (raw) need += plan.installed_size + 128 * MiB;
  if (auto left = free_space(output); left < need)
    return fail(Kind::no_space, "image.space",
                fmt::format("the image needs {} in {} while it is made, {} are left", size_words(need),
                            output, size_words(left)),
                "make room, or give another folder by --output");
  return {};
}

Result<std::uint64_t> least_disk(const std::string& root, std::uint64_t esp_size) {
  std::uint64_t bytes = 0, files = 0;
  std::set<std::pair<dev_t, ino_t>> seen;
  std::error_code error;
  for (fs::recursive_directory_iterator each(root, error), end; !error && each != end;
       each.increment(error)) {
    struct stat status{};
    if (::lstat(each->path().c_str(), &status) != 0)
      return fail_errno("look at " + each->path().string(), errno);
    if (status.st_nlink > 1 && S_ISREG(status.st_mode) && !seen.emplace(status.st_dev, status.st_ino).second)
      continue;
    ++files;
    // A link of less than 60 characters lies in its inode.
    if (S_ISREG(status.st_mode) || (S_ISLNK(status.st_mode) && status.st_size >= 60))
      bytes += blocks(static_cast<std::uint64_t>(status.st_size));
    if (S_ISDIR(status.st_mode)) bytes += block;
  }
  if (error) return fail(Kind::failed, "image.tree", root + ": " + error.message());
  auto base = bytes + journal + descriptors;
  auto system = std::max(base * 103 / 100, files * 16384);
  if (system < small) system = std::min(std::max(base * 110 / 100, files * 4096), small);
  return (system + esp_size + 2 * MiB + MiB - 1) / MiB * MiB;
}

Error of_the_disk(Error error, const Definition& definition) {
  if (error.message.find("Could not allocate") == std::string::npos) return error;
  return {.kind = Kind::usage,
          .code = "image.full",
          .message = fmt::format("a disk of {} MiB does not hold what is installed",
                                 definition.disk_size.bytes / MiB),
          .where = definition.disk_size.place,
          .hint = "a larger size, or fewer packages"};
}

Result<void> check_disk(const Definition& definition, const std::string& root) {
  PHOTON_TRY(auto least, least_disk(root, definition.esp_size.bytes));
  if (definition.disk_size.bytes >= least) return {};
  return fail_at(
      definition.disk_size.place, Kind::usage, "image.full",
      fmt::format("a disk of {} MiB does not hold what is installed, which needs {} MiB",
                  definition.disk_size.bytes / MiB, least / MiB),
      fmt::format("size = \"{} MiB\" or more, for it has to have room to work, too; or fewer packages",
                  least / MiB));
}

}  // namespace photon::images

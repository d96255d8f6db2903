#include "devenv/feature/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devenv/core/filters.hpp"
#include "devenv/core/handle.hpp"
#include "devenv/core/name.hpp"
#include "devenv/feature/id.hpp"

namespace photon::feature {
namespace {

using Reader = Handle<archive, archive_read_free>;
constexpr std::size_t piece = 256 << 10;

tl::unexpected<Error> refused(std::string_view why, std::string code = "feature.archive") {
  return fail(Kind::corrupt, std::move(code), fmt::format("the feature's archive {}", why),
              "it was packed wrongly, or is not meant well: ask its author");
}

std::string_view word_for(mode_t type) {
  switch (type) {
    case AE_IFCHR:
    case AE_IFBLK:
      return "a device";
    case AE_IFIFO:
      return "a FIFO";
    case AE_IFSOCK:
      return "a socket";
    default:
      return "neither file, folder nor link";
  }
}

class Unpacking {
 public:
  Unpacking(const std::string& file, Tree& to, const Bounds& bounds, std::stop_token stop)
      : file_(file), to_(to), bounds_(bounds), stop_(std::move(stop)) {}

  Result<void> run() {
    reader_.reset(archive_read_new());
    allow_filters(reader_.get());
    archive_read_support_format_tar(reader_.get());
    if (archive_read_open_filename(reader_.get(), file_.c_str(), piece) != ARCHIVE_OK) return broken();
    for (std::size_t entries = 0;; ++entries) {
      if (stop_.stop_requested()) return cancelled();
      archive_entry* header = nullptr;
      int status = archive_read_next_header(reader_.get(), &header);
      if (status == ARCHIVE_EOF) return to_.sync();
      if (status < ARCHIVE_WARN) return broken();
      if (entries >= bounds_.entries)
        return refused(fmt::format("has more than {} entries", bounds_.entries), "feature.bounds");
      PHOTON_CHECK(entry(header));
    }
  }

 private:
  Result<void> entry(archive_entry* header) {
    const char* raw = archive_entry_pathname(header);
    std::string_view name = raw ? raw : "";
    if (name.empty()) return refused("has an entry without a name");
    if (name.starts_with('/')) return refused(fmt::format("has the absolute name {}", shown(name, 200)));
    if (climbs(name)) return refused(fmt::format("leads out of its folder by {}", shown(name, 200)));
    auto path = *normal_path(name);
    if (const char* target = archive_entry_hardlink(header)) return same_file(path, target);
    switch (archive_entry_filetype(header)) {
      case AE_IFDIR:
        return path.empty() ? Result<void>() : to_.folder(path);
      case AE_IFREG:
        if (path.empty()) return refused("has a file without a name");
        return content(path, (archive_entry_perm(header) & 0111) != 0);
      case AE_IFLNK: {
        const char* target = archive_entry_symlink(header);
        if (path.empty() || !target) return refused("has a link without a name or a target");
        return to_.link(path, target);
      }
      default:
        return refused(
            fmt::format("holds {}: {}", word_for(archive_entry_filetype(header)), shown(name, 200)));
    }
  }

  static bool climbs(std::string_view name) {
    return name == ".." || name.starts_with("../") || name.ends_with("/..") || name.find("/../") != name.npos;
  }

  Result<void> content(const std::string& path, bool executable) {
    PHOTON_TRY(Fd file, to_.file(path, executable));
    std::string buffer(piece, '\0');
    for (;;) {
      if (stop_.stop_requested()) return cancelled();
      la_ssize_t got = archive_read_data(reader_.get(), buffer.data(), buffer.size());
      if (got < 0) return broken();
      if (got == 0) break;
      PHOTON_CHECK(grown(static_cast<std::uint64_t>(got)));
      PHOTON_CHECK(write_all(file.get(), {buffer.data(), static_cast<std::size_t>(got)}));
    }
    if (::fsync(file.get()) < 0) return fail_errno("keep " + path, errno);
    return {};
  }

  /// A second name of a file becomes a second file: nothing outside can be meant by it.
  Result<void> same_file(const std::string& path, std::string_view target) {
    auto from = normal_path(target);
    if (target.starts_with('/') || climbs(target) || !from || from->empty() || path.empty())
      return refused(
          fmt::format("has the link {} out of its folder, to {}", shown(path, 200), shown(target, 200)),
          "feature.link");
    if (*from == path) return {};
    PHOTON_TRY(Fd source, to_.read(*from));
    struct stat found{};
    if (::fstat(source.get(), &found) < 0) return fail_errno("read " + *from, errno);
    PHOTON_CHECK(grown(static_cast<std::uint64_t>(found.st_size)));
    PHOTON_TRY(auto bytes, read_all(source.get(), bounds_.bytes));
    PHOTON_TRY(Fd file, to_.file(path, (found.st_mode & 0111) != 0));
    PHOTON_CHECK(write_all(file.get(), bytes));
    if (::fsync(file.get()) < 0) return fail_errno("keep " + path, errno);
    return {};
  }

  Result<void> grown(std::uint64_t by) {
    bytes_ += by;
    if (bytes_ > bounds_.bytes)
      return refused(fmt::format("unpacks to more than {} MiB", bounds_.bytes >> 20), "feature.bounds");
    auto read = static_cast<std::uint64_t>(std::max<la_int64_t>(1, archive_filter_bytes(reader_.get(), -1)));
    if (bytes_ > bounds_.free && bytes_ / read > bounds_.ratio)
      return refused(fmt::format("unpacks to more than {} times its size", bounds_.ratio), "feature.bounds");
    return {};
  }

  tl::unexpected<Error> broken() {
    const char* text = archive_error_string(reader_.get());
    return refused(fmt::format("cannot be read: {}", shown(text ? text : "it ends too early", 200)));
  }

  const std::string& file_;
  Tree& to_;
  const Bounds& bounds_;
  std::stop_token stop_;
  Reader reader_;
  std::uint64_t bytes_ = 0;
};

}  // namespace

Result<void> unpack(const std::string& file, Tree& to, const Bounds& bounds, std::stop_token stop) {
  return Unpacking(file, to, bounds, std::move(stop)).run();
}

}  // namespace photon::feature

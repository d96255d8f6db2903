#include "packages/forge/sandbox/unpack.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "devenv/core/handle.hpp"
#include "packages/forge/sandbox/beneath.hpp"

namespace photon::forge {
namespace {

constexpr std::uint64_t most_bytes = 8ULL << 30;
constexpr std::size_t most_entries = 500'000;

using Archive = Handle<::archive, archive_read_free>;

class Unpacker {
 public:
  Unpacker(std::string rpm, Beneath beneath, ::archive* archive)
      : rpm_(std::move(rpm)), beneath_(std::move(beneath)), archive_(archive) {}

  Result<void> all(const Work& work) {
    for (std::size_t count = 0;; ++count) {
      if (work.stopped()) return cancelled();
      archive_entry* entry = nullptr;
      int status = archive_read_next_header(archive_, &entry);
      if (status == ARCHIVE_EOF) break;
      if (status < ARCHIVE_WARN) return broken();
      if (count >= most_entries) return bomb();
      PHOTON_CHECK(one(entry));
    }
    // Folders last: what is put into one changes its time.
    for (auto it = folders_.rbegin(); it != folders_.rend(); ++it) {
      PHOTON_TRY(int parent, beneath_.parent_of(it->first));
      times(parent, name_of(it->first), it->second);
    }
    return {};
  }

 private:
  static std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

  [[nodiscard]] tl::unexpected<Error> broken() const {
    const char* why = archive_error_string(archive_);
    return fail(Kind::corrupt, "rpm.payload",
                fmt::format("the payload of {} is broken: {}", rpm_, why ? why : "it ends too early"));
  }
  [[nodiscard]] tl::unexpected<Error> bomb() const {
    return fail(Kind::corrupt, "rpm.bomb",
                fmt::format("{} unpacks to more than a package may ({} GiB, {} files)", rpm_,
                            most_bytes >> 30, most_entries));
  }

  static void times(int parent, const std::string& name, std::time_t when) {
    timespec both[2] = {{when, 0}, {when, 0}};
    (void)::utimensat(parent, name.c_str(), both, AT_SYMLINK_NOFOLLOW);
  }

  Result<void> one(archive_entry* entry) {
    const char* raw = archive_entry_pathname(entry);
    if (!raw) return broken();
    PHOTON_TRY(std::string path, inside_path(raw));
    if (path.empty()) return {};
    PHOTON_TRY(int parent, beneath_.parent_of(path));
    std::string name = name_of(path);
    if (const char* first = archive_entry_hardlink(entry)) return link(entry, first, parent, path);
    switch (archive_entry_filetype(entry)) {
      case AE_IFDIR:
        if (::mkdirat(parent, name.c_str(), 0755) < 0 && errno != EEXIST)
          return fail_errno("make " + path, errno);
        // Never less than what we need to go on in it; a link of that name stays what it is.
        if (archive_entry_perm(entry) & 01000) (void)!::fchmodat(parent, name.c_str(), 01777, 0);
        folders_.emplace_back(path, archive_entry_mtime(entry));
        return {};
      case AE_IFLNK: {
        const char* target = archive_entry_symlink(entry);
        if (!target || !*target) return broken();
        if (::symlinkat(target, parent, name.c_str()) < 0 && errno != EEXIST)
          return fail_errno("make " + path, errno);
        times(parent, name, archive_entry_mtime(entry));
        return {};
      }
      case AE_IFREG:
        return file(entry, parent, name, O_CREAT | O_EXCL);
      default:
        return {};  // devices and sockets have no place in a build root
    }
  }

  Result<void> link(archive_entry* entry, const char* first, int parent, const std::string& path) {
    PHOTON_TRY(std::string target, inside_path(first));
    // A copy of the number: the next lookup may close it.
    PHOTON_TRY(auto own, duplicate(parent));
    PHOTON_TRY(int other, beneath_.parent_of(target));
    std::string name = name_of(path);
    if (::linkat(other, name_of(target).c_str(), own.get(), name.c_str(), 0) < 0)
      return fail_errno("link " + path, errno);
    // The bytes of linked files come with the last of their names.
    return archive_entry_size(entry) > 0 ? file(entry, own.get(), name, O_TRUNC) : Result<void>();
  }

  Result<void> file(archive_entry* entry, int parent, const std::string& name, int how) {
    int raw = ::openat(parent, name.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | how, 0644);
    if (raw < 0) return fail_errno("unpack " + name, errno, Kind::corrupt);
    Fd out(raw);
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0, end = 0;
    for (;;) {
      int status = archive_read_data_block(archive_, &block, &size, &offset);
      if (status == ARCHIVE_EOF) break;
      if (status < ARCHIVE_WARN || offset != end) return broken();
      written_ += size;
      end += static_cast<la_int64_t>(size);
      if (written_ > most_bytes) return bomb();
      PHOTON_CHECK(write_all(out.get(), {static_cast<const char*>(block), size}));
    }
    if (archive_entry_size_is_set(entry) && end != archive_entry_size(entry)) return broken();
    if (::fchmod(out.get(), (archive_entry_perm(entry) & 0777) | 0400) < 0)
      return fail_errno("unpack " + name, errno);
    timespec both[2] = {{archive_entry_mtime(entry), 0}, {archive_entry_mtime(entry), 0}};
    (void)::futimens(out.get(), both);
    return {};
  }

  std::string rpm_;
  Beneath beneath_;
  ::archive* archive_;
  std::uint64_t written_ = 0;
  std::vector<std::pair<std::string, std::time_t>> folders_;
};

}  // namespace

Result<void> unpack_rpm(const std::string& rpm, const std::string& folder, const Work& work) {
  PHOTON_TRY(auto in, open_fd(rpm, O_RDONLY));
  Archive archive(archive_read_new());
  if (!archive) return fail(Kind::failed, "rpm.payload", "no memory for an archive");
  archive_read_support_filter_rpm(archive.get());
  archive_read_support_filter_gzip(archive.get());
  archive_read_support_filter_bzip2(archive.get());
  archive_read_support_filter_xz(archive.get());
  archive_read_support_filter_lzma(archive.get());
  archive_read_support_filter_zstd(archive.get());
  archive_read_support_format_cpio(archive.get());
  // A package without files has a payload without a first entry.
  archive_read_support_format_empty(archive.get());
  if (archive_read_open_fd(archive.get(), in.get(), 1 << 18) != ARCHIVE_OK) {
    const char* why = archive_error_string(archive.get());
    return fail(Kind::corrupt, "rpm.payload",
                fmt::format("the payload of {} cannot be read: {}", rpm, why ? why : "unknown format"));
  }
  PHOTON_TRY(auto beneath, Beneath::open(folder));
  return Unpacker(rpm, std::move(beneath), archive.get()).all(work);
}

}  // namespace photon::forge

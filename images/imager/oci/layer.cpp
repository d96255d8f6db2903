#include "images/imager/oci/layer.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <locale.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/handle.hpp"

namespace photon::images {
namespace {

namespace fs = std::filesystem;

using Writer = Handle<struct archive, archive_write_free>;
using Entry = Handle<struct archive_entry, archive_entry_free>;

tl::unexpected<Error> broken(struct archive* archive, const std::string& what) {
  return fail_errno(what, archive_errno(archive) ? archive_errno(archive) : EIO);
}

/// Where an archive goes: a file, counted and summed on the way.
struct Sink {
  Fd fd{};
  Sha256 sum{};
  std::uint64_t size = 0;

  static la_ssize_t write(struct archive* archive, void* self, const void* bytes, std::size_t count) {
    auto& sink = *static_cast<Sink*>(self);
    std::string_view view(static_cast<const char*>(bytes), count);
    if (!write_all(sink.fd.get(), view)) {
      archive_set_error(archive, errno, "%s", "the layer");  // a full disk is told as one
      return -1;
    }
    sink.sum.update(view);
    sink.size += count;
    return static_cast<la_ssize_t>(count);
  }
};

Result<void> open_sink(struct archive* archive, Sink& sink, const std::string& file) {
  PHOTON_TRY(sink.fd, open_fd(file, O_WRONLY | O_CREAT | O_TRUNC, 0644));
  archive_write_set_bytes_in_last_block(archive, 1);
  if (archive_write_open(archive, &sink, nullptr, Sink::write, nullptr) != ARCHIVE_OK)
    return broken(archive, "write " + file);
  return {};
}

class Tree {
 public:
  Tree(std::string root, std::int64_t date, struct archive* to, const Work& work)
      : root_(std::move(root)), date_(date), to_(to), work_(work) {}

  Result<void> add(const std::string& below) {
    if (work_.stopped()) return cancelled();
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(root_ + below, error))
      names.push_back(entry.path().filename());
    if (error) return fail(Kind::failed, "image.tree", root_ + below + ": " + error.message());
    std::sort(names.begin(), names.end());
    for (const auto& name : names) {
      auto path = below + "/" + name;
      struct stat status{};
      if (::lstat((root_ + path).c_str(), &status) != 0) return fail_errno("look at " + root_ + path, errno);
      PHOTON_CHECK(add_one(path, status));
      if (S_ISDIR(status.st_mode)) PHOTON_CHECK(add(path));
    }
    return {};
  }

 private:
  Result<void> add_one(const std::string& path, const struct stat& status) {
    if (S_ISSOCK(status.st_mode)) return {};
    Entry entry(archive_entry_new());
    auto name = path.substr(1) + (S_ISDIR(status.st_mode) ? "/" : "");
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_mode(entry.get(), status.st_mode);
    archive_entry_set_uid(entry.get(), status.st_uid);
    archive_entry_set_gid(entry.get(), status.st_gid);
    archive_entry_set_mtime(entry.get(), std::min<std::int64_t>(status.st_mtime, date_), 0);
    if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode))
      archive_entry_set_rdev(entry.get(), status.st_rdev);
    if (S_ISLNK(status.st_mode)) {
      std::error_code error;
      archive_entry_set_symlink(entry.get(), fs::read_symlink(root_ + path, error).c_str());
    }
    bool regular = S_ISREG(status.st_mode);
    if (regular && status.st_nlink > 1) {
      auto [first, fresh] = seen_.emplace(std::pair(status.st_dev, status.st_ino), name);
      if (!fresh) {
        archive_entry_set_hardlink(entry.get(), first->second.c_str());
        regular = false;
      }
    }
    archive_entry_set_size(entry.get(), regular ? status.st_size : 0);
    char capability[64];
    auto length = ::lgetxattr((root_ + path).c_str(), "security.capability", capability, sizeof capability);
    if (length > 0)
      archive_entry_xattr_add_entry(entry.get(), "security.capability", capability,
                                    static_cast<std::size_t>(length));
    if (archive_write_header(to_, entry.get()) != ARCHIVE_OK) return broken(to_, "add " + path);
    return regular ? add_bytes(path) : Result<void>();
  }

  Result<void> add_bytes(const std::string& path) {
    PHOTON_TRY(auto fd, open_fd(root_ + path, O_RDONLY | O_NOFOLLOW));
    for (std::string buffer(1 << 18, '\0');;) {
      auto got = ::read(fd.get(), buffer.data(), buffer.size());
      if (got < 0) return fail_errno("read " + path, errno);
      if (got == 0) return {};
      if (archive_write_data(to_, buffer.data(), static_cast<std::size_t>(got)) != got)
        return broken(to_, "add " + path);
    }
  }

  std::string root_;
  std::int64_t date_;
  struct archive* to_;
  const Work& work_;
  std::map<std::pair<dev_t, ino_t>, std::string> seen_{};
};

Result<void> compress(const std::string& from, Sink& sink, const std::string& file, const Work& work) {
  Writer writer(archive_write_new());
  archive_write_set_format_raw(writer.get());
  archive_write_add_filter_zstd(writer.get());
  archive_write_set_filter_option(writer.get(), "zstd", "compression-level", "9");
  PHOTON_CHECK(open_sink(writer.get(), sink, file));
  Entry entry(archive_entry_new());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  if (archive_write_header(writer.get(), entry.get()) != ARCHIVE_OK)
    return broken(writer.get(), "write " + file);
  PHOTON_TRY(auto fd, open_fd(from, O_RDONLY));
  for (std::string buffer(1 << 20, '\0');;) {
    if (work.stopped()) return cancelled();
    auto got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0) return fail_errno("read " + from, errno);
    if (got == 0) break;
    if (archive_write_data(writer.get(), buffer.data(), static_cast<std::size_t>(got)) != got)
      return broken(writer.get(), "write " + file);
  }
  if (archive_write_close(writer.get()) != ARCHIVE_OK) return broken(writer.get(), "write " + file);
  return {};
}

/// libarchive reads names by the locale of the thread; ours are UTF-8, whatever the user's locale is.
class Utf8 {
 public:
  Utf8() : locale_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)), before_(::uselocale(locale_)) {}
  ~Utf8() {
    ::uselocale(before_);
    if (locale_) ::freelocale(locale_);
  }
  Utf8(const Utf8&) = delete;
  Utf8& operator=(const Utf8&) = delete;

 private:
  locale_t locale_, before_;
};

}  // namespace

Result<Layer> write_layer(const std::string& root, const std::string& file, std::int64_t date,
                          const Work& work) {
  Utf8 names;
  auto tar = file + ".tar";
  Layer out;
  {
    Sink sink;
    Writer writer(archive_write_new());
    archive_write_set_format_pax_restricted(writer.get());
    PHOTON_CHECK(open_sink(writer.get(), sink, tar));
    PHOTON_CHECK(Tree(root, date, writer.get(), work).add(""));
    if (archive_write_close(writer.get()) != ARCHIVE_OK) return broken(writer.get(), "write " + tar);
    out.diff_id = sink.sum.hex();
  }
  Sink sink;
  PHOTON_CHECK(compress(tar, sink, file, work));
  ::unlink(tar.c_str());
  out.sha256 = sink.sum.hex();
  out.size = sink.size;
  return out;
}

}  // namespace photon::images

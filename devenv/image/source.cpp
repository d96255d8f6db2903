#include "devenv/image/source.hpp"

#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/filters.hpp"
#include "devenv/image/handle.hpp"

namespace photon::image {
namespace {

constexpr std::size_t piece = 1 << 20;

Result<void> read_to_end(int fd, const Sink& sink, const std::stop_token& stop, const std::string& path) {
  std::string buffer(piece, '\0');
  while (true) {
    if (stop.stop_requested()) return cancelled();
    ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("read " + path, errno);
    if (got == 0) return {};
    PHOTON_CHECK(sink({buffer.data(), static_cast<std::size_t>(got)}));
  }
}

class Folder : public Source {
 public:
  Folder(std::string path, std::stop_token stop) : path_(std::move(path)), stop_(std::move(stop)) {}

  Result<Sums> visit(const Visit& each) override {
    std::error_code error;
    std::filesystem::recursive_directory_iterator at(path_, error), end;
    for (; !error && at != end; at.increment(error)) {
      if (!at->is_regular_file(error) || at->is_symlink(error)) continue;
      std::string file = at->path().string();
      Entry entry{std::filesystem::relative(at->path(), path_, error).string(), at->file_size(error), {}};
      PHOTON_CHECK(each(entry, [&](const Sink& sink) -> Result<void> {
        PHOTON_TRY(Fd fd, open_fd(file, O_RDONLY | O_NOFOLLOW));
        return read_to_end(fd.get(), sink, stop_, file);
      }));
    }
    if (error) return fail_errno("read " + path_, error.value());
    return Sums{};
  }

 private:
  std::string path_;
  std::stop_token stop_;
};

/// Two readers of libarchive, one inside the other: the inner one takes the compression off, the outer one
/// reads the tar, and what flows between them is summed: one pass gives a layer's digest, its diff id and its
/// files.
class Tar : public Source {
 public:
  Tar(std::string path, std::stop_token stop) : path_(std::move(path)), stop_(std::move(stop)) {}

  Result<Sums> visit(const Visit& each) override {
    PHOTON_TRY(file_, open_fd(path_, O_RDONLY));
    file_sum_ = Sha256();
    content_sum_ = Sha256();
    trouble_.reset();
    PHOTON_CHECK(open());
    PHOTON_CHECK(walk(each));
    PHOTON_CHECK(drain());
    return Sums{"sha256:" + file_sum_.hex(), "sha256:" + content_sum_.hex(), encoding()};
  }

 private:
  Result<void> open() {
    inner_.reset(archive_read_new());
    outer_.reset(archive_read_new());
    allow_filters(inner_.get());
    archive_read_support_format_raw(inner_.get());
    archive_read_support_format_tar(outer_.get());
    archive_entry* entry = nullptr;
    if (archive_read_open(inner_.get(), this, nullptr, &Tar::from_file, nullptr) != ARCHIVE_OK ||
        archive_read_next_header(inner_.get(), &entry) != ARCHIVE_OK)
      return broken(inner_.get());
    if (archive_read_open(outer_.get(), this, nullptr, &Tar::from_inner, nullptr) != ARCHIVE_OK)
      return broken(outer_.get());
    return {};
  }

  Result<void> walk(const Visit& each) {
    while (true) {
      if (stop_.stop_requested()) return cancelled();
      archive_entry* header = nullptr;
      int status = archive_read_next_header(outer_.get(), &header);
      if (status == ARCHIVE_EOF) return {};
      if (status < ARCHIVE_WARN) return broken(outer_.get());
      const char* name = archive_entry_pathname(header);
      const char* soft = archive_entry_symlink(header);
      const char* hard = archive_entry_hardlink(header);
      if (!name || (archive_entry_filetype(header) != AE_IFREG && !soft && !hard)) continue;
      Entry entry{clean_name(name), static_cast<std::uint64_t>(archive_entry_size(header)),
                  soft   ? soft
                  : hard ? hard
                         : ""};
      if (entry.name.empty()) continue;
      PHOTON_CHECK(each(entry, [this](const Sink& sink) { return read_entry(sink); }));
    }
  }

  Result<void> read_entry(const Sink& sink) {
    std::string buffer(piece, '\0');
    while (true) {
      if (stop_.stop_requested()) return cancelled();
      la_ssize_t got = archive_read_data(outer_.get(), buffer.data(), buffer.size());
      if (got < 0) return broken(outer_.get());
      if (got == 0) return {};
      PHOTON_CHECK(sink({buffer.data(), static_cast<std::size_t>(got)}));
    }
  }

  /// What follows the end marker of the tar belongs to the sums, too.
  Result<void> drain() {
    const void* bytes = nullptr;
    while (true) {
      la_ssize_t got = from_inner(outer_.get(), this, &bytes);
      if (got < 0) return broken(inner_.get());
      if (got == 0) break;
    }
    return read_to_end(
        file_.get(),
        [this](std::string_view rest) -> Result<void> {
          file_sum_.update(rest);
          return {};
        },
        stop_, path_);
  }

  std::string encoding() const {
    int code = archive_filter_code(inner_.get(), 0);
    if (code == ARCHIVE_FILTER_NONE) return "";
    if (archive_filter_count(inner_.get()) > 2) return "several compressions";
    return archive_filter_name(inner_.get(), 0);
  }

  tl::unexpected<Error> broken(archive* reader) const {
    if (trouble_) return tl::unexpected(*trouble_);
    const char* text = archive_error_string(reader);
    return fail(Kind::usage, "image.archive",
                fmt::format("{} is not a readable tar archive: {}", path_, text ? text : "it ends too early"),
                "give an OCI archive or folder, a docker-archive, or a tar of a root file system");
  }

  static la_ssize_t from_file(archive*, void* self, const void** bytes) {
    auto& tar = *static_cast<Tar*>(self);
    ssize_t got = ::read(tar.file_.get(), tar.buffer_.data(), tar.buffer_.size());
    if (got < 0) {
      tar.trouble_ = fail_errno("read " + tar.path_, errno).value();
      return -1;
    }
    tar.file_sum_.update({tar.buffer_.data(), static_cast<std::size_t>(got)});
    *bytes = tar.buffer_.data();
    return got;
  }

  static la_ssize_t from_inner(archive*, void* self, const void** bytes) {
    auto& tar = *static_cast<Tar*>(self);
    std::size_t size = 0;
    la_int64_t offset = 0;
    int status = archive_read_data_block(tar.inner_.get(), bytes, &size, &offset);
    if (status == ARCHIVE_EOF) return 0;
    if (status != ARCHIVE_OK) {
      if (!tar.trouble_) tar.trouble_ = tar.broken(tar.inner_.get()).value();
      return -1;
    }
    tar.content_sum_.update({static_cast<const char*>(*bytes), size});
    return static_cast<la_ssize_t>(size);
  }

  std::string path_;
  std::stop_token stop_;
  Fd file_;
  std::string buffer_ = std::string(piece, '\0');
  Sha256 file_sum_;
  Sha256 content_sum_;
  std::optional<Error> trouble_;  ///< of the file, which libarchive would word worse
  ArchiveReader inner_;
  ArchiveReader outer_;  ///< last: it reads from the inner one until it is freed
};

}  // namespace

Result<void> read_plain(const std::string& path, const Sink& sink, const std::stop_token& stop) {
  PHOTON_TRY(Fd fd, open_fd(path, O_RDONLY));
  return read_to_end(fd.get(), sink, stop, path);
}

std::string clean_name(std::string_view name) {
  std::string result;
  while (!name.empty()) {
    std::size_t slash = name.find('/');
    std::string_view part = name.substr(0, slash);
    if (part == "..") return {};
    if (!part.empty() && part != ".") result += (result.empty() ? "" : "/") + std::string(part);
    if (slash == std::string_view::npos) break;
    name.remove_prefix(slash + 1);
  }
  return result;
}

Result<std::unique_ptr<Source>> open_source(const std::string& path, std::stop_token stop) {
  std::error_code error;
  auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return fail_errno("open " + path, ENOENT);
  std::unique_ptr<Source> source;
  if (std::filesystem::is_directory(status))
    source = std::make_unique<Folder>(path, std::move(stop));
  else
    source = std::make_unique<Tar>(path, std::move(stop));
  return source;
}

}  // namespace photon::image

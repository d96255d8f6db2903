#include "devenv/unpack/unpack.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

#include <map>
#include <vector>

#include "devenv/core/fd.hpp"
#include "devenv/core/filters.hpp"
#include "devenv/core/handle.hpp"
#include "devenv/core/name.hpp"
#include "devenv/unpack/tree.hpp"

namespace photon::unpack {
namespace {

using Reader = Handle<archive, archive_read_free>;
constexpr std::size_t piece = 256 << 10;

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

bool climbs(std::string_view name) {
  return name == ".." || name.starts_with("../") || name.ends_with("/..") || name.find("/../") != name.npos;
}

class Entries {
 public:
  Entries(const Packed& packed, const Visit& visit, const Bounds& bounds, std::stop_token stop)
      : packed_(packed), visit_(visit), bounds_(bounds), stop_(std::move(stop)) {}

  Result<void> run() {
    reader_.reset(archive_read_new());
    allow_filters(reader_.get());
    archive_read_support_format_tar(reader_.get());
    int opened = packed_.file.empty()
                     ? archive_read_open_memory(reader_.get(), packed_.bytes.data(), packed_.bytes.size())
                     : archive_read_open_filename(reader_.get(), packed_.file.c_str(), piece);
    if (opened != ARCHIVE_OK) return broken();
    for (std::size_t count = 0;; ++count) {
      if (stop_.stop_requested()) return cancelled();
      archive_entry* header = nullptr;
      int status = archive_read_next_header(reader_.get(), &header);
      if (status == ARCHIVE_EOF) return {};
      if (status < ARCHIVE_WARN) return broken();
      if (count >= bounds_.entries) return too_much(fmt::format("has more than {} entries", bounds_.entries));
      PHOTON_TRY(auto entry, described(header));
      PHOTON_CHECK(visited(entry));
    }
  }

 private:
  struct File {
    std::string name;  ///< the first of its names
    std::uint64_t size = 0;
  };

  Result<Entry> described(archive_entry* header) {
    const char* raw = archive_entry_pathname(header);
    Entry entry{.written = raw ? raw : "", .executable = (archive_entry_perm(header) & 0111) != 0};
    const auto& written = entry.written;
    if (written.empty()) return refused("has an entry without a name");
    if (written.starts_with('/'))
      return refused(fmt::format("has the absolute name {}", shown(written, 200)));
    if (climbs(written)) return refused(fmt::format("leads out of its folder by {}", shown(written, 200)));
    entry.name = *normal_path(written);
    if (const char* same = archive_entry_hardlink(header)) return same_file(std::move(entry), same);
    switch (archive_entry_filetype(header)) {
      case AE_IFDIR:
        entry.kind = Entry::Kind::folder;
        return entry;
      case AE_IFREG:
        if (entry.name.empty()) return refused("has a file without a name");
        return entry;
      case AE_IFLNK: {
        const char* target = archive_entry_symlink(header);
        entry.kind = Entry::Kind::link;
        entry.target = target ? target : "";
        if (entry.name.empty() || !stays_inside(entry.name, entry.target))
          return refused(fmt::format("has the link {} out of its folder, to {}", shown(written, 200),
                                     shown(entry.target, 200)));
        return entry;
      }
      default:
        return refused(
            fmt::format("holds {}: {}", word_for(archive_entry_filetype(header)), shown(written, 200)));
    }
  }

  Result<Entry> same_file(Entry entry, const std::string& target) {
    auto known = files_.find(normal_path(target).value_or(""));
    if (target.starts_with('/') || entry.name.empty() || known == files_.end())
      return refused(fmt::format("has {} as a second name of {}, which is no file before it",
                                 shown(entry.written, 200), shown(target, 200)));
    entry.kind = Entry::Kind::same_file;
    entry.target = known->second.name;
    files_.insert_or_assign(entry.name, File(known->second));
    return entry;
  }

  Result<void> visited(const Entry& entry) {
    if (entry.kind == Entry::Kind::same_file) PHOTON_CHECK(grown(files_.at(entry.name).size));
    if (entry.kind != Entry::Kind::file) return visit_(entry, [](const Sink&) { return Result<void>(); });
    auto before = bytes_;
    PHOTON_CHECK(visit_(entry, [this](const Sink& sink) { return content(sink); }));
    // What nobody wants counts as well.
    PHOTON_CHECK(content([](std::string_view) { return Result<void>(); }));
    files_.insert_or_assign(entry.name, File{entry.name, bytes_ - before});
    return {};
  }

  Result<void> content(const Sink& sink) {
    std::string buffer(piece, '\0');
    for (;;) {
      if (stop_.stop_requested()) return cancelled();
      la_ssize_t got = archive_read_data(reader_.get(), buffer.data(), buffer.size());
      if (got < 0) return broken();
      if (got == 0) return {};
      PHOTON_CHECK(grown(static_cast<std::uint64_t>(got)));
      PHOTON_CHECK(sink({buffer.data(), static_cast<std::size_t>(got)}));
    }
  }

  Result<void> grown(std::uint64_t by) {
    bytes_ += by;
    if (bytes_ > bounds_.bytes)
      return too_much(fmt::format("unpacks to more than {} MiB", bounds_.bytes >> 20));
    auto read = static_cast<std::uint64_t>(std::max<la_int64_t>(1, archive_filter_bytes(reader_.get(), -1)));
    if (bytes_ > bounds_.free && bytes_ / read > bounds_.ratio)
      return too_much(fmt::format("unpacks to more than {} times its size", bounds_.ratio));
    return {};
  }

  [[nodiscard]] tl::unexpected<Error> refused(std::string_view why,
                                              std::string code = "archive.refused") const {
    return fail(Kind::corrupt, std::move(code), fmt::format("{} {}", packed_.what, why),
                "it was packed wrongly, or is not meant well: tell who published it");
  }
  [[nodiscard]] tl::unexpected<Error> too_much(std::string_view why) const {
    return refused(why, "archive.bounds");
  }
  tl::unexpected<Error> broken() {
    const char* text = archive_error_string(reader_.get());
    return refused(fmt::format("cannot be read: {}", shown(text ? text : "it ends too early", 200)));
  }

  const Packed& packed_;
  const Visit& visit_;
  const Bounds& bounds_;
  std::stop_token stop_;
  Reader reader_;
  std::map<std::string, File> files_;
  std::uint64_t bytes_ = 0;
};

}  // namespace

std::optional<std::string> normal_path(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    auto slash = path.find('/');
    auto part = path.substr(0, slash);
    if (part == "..") {
      if (parts.empty()) return std::nullopt;
      parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    path.remove_prefix(slash == path.npos ? path.size() : slash + 1);
  }
  return fmt::format("{}", fmt::join(parts, "/"));
}

bool stays_inside(std::string_view path, std::string_view target) {
  if (target.empty() || target.starts_with('/')) return false;
  auto slash = path.rfind('/');
  std::string base(slash == path.npos ? std::string_view() : path.substr(0, slash + 1));
  return normal_path(base.append(target)).has_value();
}

Result<void> each_entry(const Packed& packed, const Visit& visit, const Bounds& bounds,
                        std::stop_token stop) {
  return Entries(packed, visit, bounds, std::move(stop)).run();
}

Result<void> unpack(const Packed& packed, Tree& to, const Bounds& bounds, std::stop_token stop) {
  auto visit = [&](const Entry& entry, const Read& read) -> Result<void> {
    switch (entry.kind) {
      case Entry::Kind::folder:
        return entry.name.empty() ? Result<void>() : to.folder(entry.name);
      case Entry::Kind::link:
        return to.link(entry.name, entry.target);
      case Entry::Kind::same_file:
        return entry.name == entry.target ? Result<void>() : to.copy(entry.target, entry.name);
      case Entry::Kind::file:
        break;
    }
    PHOTON_TRY(Fd file, to.file(entry.name, entry.executable));
    PHOTON_CHECK(read([&](std::string_view bytes) { return write_all(file.get(), bytes); }));
    if (::fsync(file.get()) < 0) return fail_errno("keep " + entry.name, errno);
    return {};
  };
  PHOTON_CHECK(each_entry(packed, visit, bounds, std::move(stop)));
  return to.sync();
}

}  // namespace photon::unpack

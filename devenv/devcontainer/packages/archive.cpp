#include "devenv/devcontainer/packages/archive.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <set>
#include <vector>

#include "devenv/core/filters.hpp"
#include "devenv/core/handle.hpp"
#include "devenv/core/name.hpp"

namespace photon::devcontainer {
namespace {

using Reader = Handle<::archive, archive_read_free>;

tl::unexpected<Error> refused(const std::string& archive, std::string_view entry, std::string_view why) {
  return fail(Kind::corrupt, "package.archive",
              fmt::format("the archive {} is refused: {} {}", archive, shown(entry, 120), why),
              "tell who published it; nothing of it was kept");
}

/// The steps of a relative path; "." is none. nullopt: it climbs out of where it begins, or begins elsewhere.
std::optional<std::vector<std::string_view>> steps_of(std::string_view path) {
  std::vector<std::string_view> steps;
  if (path.starts_with('/') || path.find('\0') != path.npos) return std::nullopt;
  while (!path.empty()) {
    auto end = std::min(path.find('/'), path.size());
    auto step = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (step == "..") {
      if (steps.empty()) return std::nullopt;
      steps.pop_back();
    } else if (!step.empty() && step != ".") {
      steps.push_back(step);
    }
  }
  return steps;
}

bool has_parent_step(std::string_view path) {
  while (!path.empty()) {
    auto end = std::min(path.find('/'), path.size());
    if (path.substr(0, end) == "..") return true;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

/// Where a symbolic link leads, from the top of the archive.
bool stays_inside(std::string_view name, std::string_view target) {
  if (target.empty() || target.starts_with('/')) return false;
  auto slash = name.rfind('/');
  auto from = slash == name.npos ? std::string() : std::string(name.substr(0, slash + 1));
  return steps_of(from + std::string(target)).has_value();
}

class Unpacker {
 public:
  Unpacker(std::string name, const ArchiveBounds& bounds) : name_(std::move(name)), bounds_(bounds) {}

  Result<void> open(std::string_view bytes) {
    reader_.reset(archive_read_new());
    if (!reader_) return fail(Kind::internal, "package.memory", "there is no memory for an archive");
    allow_filters(reader_.get());
    archive_read_support_format_tar(reader_.get());
    if (archive_read_open_memory(reader_.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) return broken();
    return {};
  }

  /// nullopt: that was all.
  Result<std::optional<ArchiveEntry>> next() {
    archive_entry* header = nullptr;
    int status = archive_read_next_header(reader_.get(), &header);
    if (status == ARCHIVE_EOF) return std::optional<ArchiveEntry>();
    if (status < ARCHIVE_WARN) return broken();
    const char* path = archive_entry_pathname(header);
    if (!path) return refused(name_, "an entry", "has no name");
    if (++entries_ > bounds_.entries) return refused(name_, path, "is one entry too many");
    PHOTON_TRY(auto entry, described(header, path));
    if (entry.kind == ArchiveEntry::Kind::file) {
      PHOTON_TRY(entry.bytes, content(path));
      files_.insert(entry.name);
    }
    return std::optional(std::move(entry));
  }

 private:
  Result<ArchiveEntry> described(archive_entry* header, const std::string& path) {
    ArchiveEntry entry;
    entry.written = path;
    auto steps = steps_of(path);
    if (!steps || has_parent_step(path)) return refused(name_, path, "leads outside");
    entry.name = fmt::format("{}", fmt::join(*steps, "/"));
    entry.mode = archive_entry_perm(header) & 0777U;
    if (const char* same = archive_entry_hardlink(header)) {
      auto target = steps_of(same);
      entry.kind = ArchiveEntry::Kind::same_file;
      if (target) entry.target = fmt::format("{}", fmt::join(*target, "/"));
      if (!files_.contains(entry.target)) return refused(name_, path, "is a link to no file before it");
      return entry;
    }
    switch (archive_entry_filetype(header)) {
      case AE_IFREG:
        return entry;
      case AE_IFDIR:
        entry.kind = ArchiveEntry::Kind::folder;
        return entry;
      case AE_IFLNK: {
        const char* target = archive_entry_symlink(header);
        entry.kind = ArchiveEntry::Kind::link;
        entry.target = target ? target : "";
        if (!stays_inside(entry.name, entry.target))
          return refused(name_, path, "is a link that leads outside");
        return entry;
      }
      default:
        return refused(name_, path, "is neither a file, a folder nor a link");
    }
  }

  Result<std::string> content(const std::string& path) {
    std::string all, buffer(64 << 10, '\0');
    for (;;) {
      auto got = archive_read_data(reader_.get(), buffer.data(), buffer.size());
      if (got < 0) return broken();
      if (got == 0) return all;
      bytes_ += static_cast<std::uint64_t>(got);
      if (bytes_ > bounds_.bytes)
        return refused(name_, path, fmt::format("is more than {} bytes", bounds_.bytes));
      all.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }

  tl::unexpected<Error> broken() const {
    const char* text = archive_error_string(reader_.get());
    return fail(
        Kind::corrupt, "package.archive",
        fmt::format("the archive {} cannot be read: {}", name_, text ? shown(text) : "it ends too early"),
        "tell who published it");
  }

  std::string name_;
  ArchiveBounds bounds_;
  Reader reader_;
  std::set<std::string> files_;
  std::uint64_t entries_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace

Result<void> read_archive(std::string_view bytes, const std::string& name,
                          const std::function<Result<void>(ArchiveEntry)>& visit,
                          const ArchiveBounds& bounds) {
  Unpacker unpacker(name, bounds);
  PHOTON_CHECK(unpacker.open(bytes));
  for (;;) {
    PHOTON_TRY(auto entry, unpacker.next());
    if (!entry) return {};
    PHOTON_CHECK(visit(std::move(*entry)));
  }
}

}  // namespace photon::devcontainer

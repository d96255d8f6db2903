#include "packages/forge/import/deb.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <sstream>

#include "devenv/core/fd.hpp"
#include "devenv/core/filters.hpp"
#include "devenv/core/handle.hpp"
#include "devenv/core/name.hpp"
#include "packages/forge/sandbox/beneath.hpp"

namespace photon::forge {
namespace {

// The distribution's own shrink to a twentieth at most; what grows more than this was made to.
constexpr std::uint64_t most_growth = 200, free_growth = 64 << 20, most_bytes = 4ULL << 30;
constexpr std::size_t most_files = 300'000;
constexpr std::size_t most_control = 4 << 20;

using Archive = Handle<::archive, archive_read_free>;

tl::unexpected<Error> broken(const std::string& file, const std::string& why) {
  return fail(Kind::corrupt, "deb.format", fmt::format("{} is no whole package: {}", file, shown(why)));
}

std::string said(::archive* archive) {
  const char* why = archive_error_string(archive);
  return why ? why : "it ends too early";
}

/// A tar inside of the deb, read while the deb is.
struct Member {
  ::archive* outer;
  std::array<char, 1 << 16> block{};
};

la_ssize_t read_member(::archive* inner, void* data, const void** block) {
  auto* member = static_cast<Member*>(data);
  la_ssize_t got = archive_read_data(member->outer, member->block.data(), member->block.size());
  if (got < 0) {
    archive_set_error(inner, EIO, "%s", said(member->outer).c_str());
    return ARCHIVE_FATAL;
  }
  *block = member->block.data();
  return got;
}

class Payload {
 public:
  Payload(std::string file, std::uint64_t packed, Beneath beneath, Deb& deb)
      : file_(std::move(file)),
        beneath_(std::move(beneath)),
        deb_(deb),
        limit_(std::min(packed * most_growth + free_growth, most_bytes)) {}

  Result<void> one(::archive* tar, archive_entry* entry) {
    if (++count_ > most_files) return bomb();
    const char* raw = archive_entry_pathname(entry);
    if (!raw) return broken(file_, "a file without a name");
    auto inside = inside_path(raw);
    if (!inside)
      return fail(Kind::corrupt, "deb.path", fmt::format("{} holds {}, which leaves it", file_, shown(raw)));
    const std::string& path = *inside;
    if (path.empty()) return {};
    // It becomes a line of a spec, where a quote or a new line would begin something else.
    if (std::any_of(path.begin(), path.end(),
                    [](unsigned char c) { return c < ' ' || c == 127 || c == '"'; }))
      return fail(Kind::corrupt, "deb.path", fmt::format("{} holds a file named {}", file_, shown(raw)));
    PHOTON_TRY(int parent, beneath_.parent_of(path));
    std::string name = path.substr(path.rfind('/') + 1);
    auto type = archive_entry_filetype(entry);
    DebFile about{.path = "/" + path,
                  .mode = static_cast<std::uint32_t>(archive_entry_perm(entry)),
                  .folder = type == AE_IFDIR,
                  .link = type == AE_IFLNK,
                  .user = owner(archive_entry_uname(entry)),
                  .group = owner(archive_entry_gname(entry))};
    deb_.newest = std::max<std::int64_t>(deb_.newest, archive_entry_mtime(entry));
    if (const char* first = archive_entry_hardlink(entry)) {
      PHOTON_CHECK(link(first, parent, name, about));
    } else if (type == AE_IFDIR) {
      if (::mkdirat(parent, name.c_str(), 0755) < 0 && errno != EEXIST)
        return fail_errno("make " + path, errno);
    } else if (type == AE_IFLNK) {
      PHOTON_CHECK(symlink(entry, parent, name));
    } else if (type == AE_IFREG) {
      PHOTON_CHECK(file(tar, entry, parent, name));
    } else {
      return fail(Kind::corrupt, "deb.device",
                  fmt::format("{} holds {}, which is no file", file_, shown(raw)));
    }
    deb_.files.push_back(std::move(about));
    return {};
  }

 private:
  static std::string owner(const char* name) { return name && *name ? name : "root"; }
  [[nodiscard]] tl::unexpected<Error> bomb() const {
    return fail(Kind::corrupt, "deb.bomb",
                fmt::format("{} unpacks to more than a package of its size may ({} MiB, {} files)", file_,
                            limit_ >> 20, most_files));
  }

  Result<void> link(const char* first, int parent, const std::string& name, DebFile& about) {
    auto target = inside_path(first);
    if (!target || target->empty())
      return fail(Kind::corrupt, "deb.path",
                  fmt::format("{} links to {}, which leaves it", file_, shown(first)));
    PHOTON_TRY(auto own, duplicate(parent));  // the next lookup may close it
    PHOTON_TRY(int other, beneath_.parent_of(*target));
    if (::linkat(other, target->substr(target->rfind('/') + 1).c_str(), own.get(), name.c_str(), 0) < 0)
      return fail_errno("link " + name, errno, Kind::corrupt);
    for (const auto& known : deb_.files)
      if (known.path == "/" + *target) about.mode = known.mode, about.link = known.link;
    return {};
  }

  Result<void> symlink(archive_entry* entry, int parent, const std::string& name) const {
    const char* target = archive_entry_symlink(entry);
    if (!target || !*target) return broken(file_, "a link to nowhere");
    if (::symlinkat(target, parent, name.c_str()) < 0)
      return fail_errno("make " + name, errno, Kind::corrupt);
    timespec both[2] = {{archive_entry_mtime(entry), 0}, {archive_entry_mtime(entry), 0}};
    (void)::utimensat(parent, name.c_str(), both, AT_SYMLINK_NOFOLLOW);
    return {};
  }

  Result<void> file(::archive* tar, archive_entry* entry, int parent, const std::string& name) {
    int raw = ::openat(parent, name.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_CREAT | O_EXCL, 0600);
    if (raw < 0) return fail_errno("unpack " + name, errno, Kind::corrupt);
    Fd out(raw);
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0, end = 0;
    while (true) {
      int status = archive_read_data_block(tar, &block, &size, &offset);
      if (status == ARCHIVE_EOF) break;
      if (status < ARCHIVE_WARN || offset != end) return broken(file_, said(tar));
      end += static_cast<la_int64_t>(size);
      written_ += size;
      if (written_ > limit_) return bomb();
      PHOTON_CHECK(write_all(out.get(), {static_cast<const char*>(block), size}));
    }
    if (end != archive_entry_size(entry)) return broken(file_, "a file that ends too early");
    // Generators look at the x bit; set-user-id bits go into the header alone.
    if (::fchmod(out.get(), (archive_entry_perm(entry) & 0777) | 0600) < 0)
      return fail_errno("unpack " + name, errno);
    timespec both[2] = {{archive_entry_mtime(entry), 0}, {archive_entry_mtime(entry), 0}};
    (void)::futimens(out.get(), both);
    return {};
  }

  std::string file_;
  Beneath beneath_;
  Deb& deb_;
  std::uint64_t limit_, written_ = 0;
  std::size_t count_ = 0;
};

void read_fields(const std::string& text, Deb& deb) {
  std::istringstream lines(text);
  std::string key;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(' ') || line.starts_with('\t')) {
      if (!key.empty()) deb.control[key] += "\n" + line.substr(1);
      continue;
    }
    auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    key = line.substr(0, colon);
    auto begin = line.find_first_not_of(" \t", colon + 1);
    deb.control[key] = begin == std::string::npos ? "" : line.substr(begin);
  }
}

Result<void> read_control(const std::string& file, ::archive* tar, archive_entry* entry, Deb& deb) {
  std::string name = archive_entry_pathname(entry) ? archive_entry_pathname(entry) : "";
  if (name.starts_with("./")) name.erase(0, 2);
  if (name != "control" && name != "conffiles") return {};
  std::string text;
  std::array<char, 8192> block{};
  for (la_ssize_t got = 0; (got = archive_read_data(tar, block.data(), block.size())) != 0;) {
    if (got < 0) return broken(file, said(tar));
    text.append(block.data(), static_cast<std::size_t>(got));
    if (text.size() > most_control) return broken(file, "a control file without end");
  }
  if (name == "control") {
    read_fields(text, deb);
    return {};
  }
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (auto inside = inside_path(line); line.starts_with('/') && inside)
      deb.conffiles.push_back("/" + *inside);
  return {};
}

}  // namespace

Result<Deb> unpack_deb(const std::string& file, const std::string& root, const Work& work) {
  PHOTON_TRY(auto in, open_fd(file, O_RDONLY));
  Archive outer(archive_read_new());
  archive_read_support_format_ar(outer.get());
  if (archive_read_open_fd(outer.get(), in.get(), 1 << 18) != ARCHIVE_OK)
    return broken(file, said(outer.get()));
  PHOTON_TRY(auto beneath, Beneath::open(root));
  Deb deb;
  struct stat about{};
  if (::fstat(in.get(), &about) < 0) return fail_errno("look at " + file, errno);
  Payload payload(file, static_cast<std::uint64_t>(about.st_size), std::move(beneath), deb);
  bool control = false, data = false;
  while (true) {
    archive_entry* member = nullptr;
    int status = archive_read_next_header(outer.get(), &member);
    if (status == ARCHIVE_EOF) break;
    if (status < ARCHIVE_WARN) return broken(file, said(outer.get()));
    std::string name = archive_entry_pathname(member) ? archive_entry_pathname(member) : "";
    bool is_data = name.starts_with("data.tar"), is_control = name.starts_with("control.tar");
    if (!is_data && !is_control) continue;
    (is_data ? data : control) = true;
    Archive tar(archive_read_new());
    allow_filters(tar.get());
    archive_read_support_format_tar(tar.get());
    Member source{.outer = outer.get()};
    if (archive_read_open(tar.get(), &source, nullptr, read_member, nullptr) != ARCHIVE_OK)
      return broken(file, said(tar.get()));
    while (true) {
      if (work.stopped()) return cancelled();
      archive_entry* entry = nullptr;
      status = archive_read_next_header(tar.get(), &entry);
      if (status == ARCHIVE_EOF) break;
      if (status < ARCHIVE_WARN) return broken(file, said(tar.get()));
      PHOTON_CHECK(is_data ? payload.one(tar.get(), entry) : read_control(file, tar.get(), entry, deb));
    }
  }
  if (!control || !data || deb.control["Package"].empty() || deb.control["Version"].empty())
    return broken(file, "its control or data part is missing");
  std::sort(deb.files.begin(), deb.files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return deb;
}

}  // namespace photon::forge

#include "packages/rpm/metadata.hpp"

#include <archive.h>
#include <sys/stat.h>
#include <algorithm>
#include <cerrno>

#include "devenv/core/digest.hpp"
#include "devenv/core/filters.hpp"
#include "devenv/core/name.hpp"

extern "C" {
#include <solv/chksum.h>
#include <solv/repo_repomdxml.h>
}

namespace photon::rpm {
namespace {

using Archive = Handle<archive, archive_read_free>;

// File lists of large distributions shrink to a twentieth; what grows a hundredfold was made to.
constexpr std::uint64_t most_growth = 100, free_growth = 16 << 20, most_bytes = 4ULL << 30;

class UnpackedFile final : public Unpacked {
 public:
  UnpackedFile(std::string path, std::uint64_t packed)
      : path_(std::move(path)),
        limit_(std::min(packed * most_growth + free_growth, most_bytes)),
        archive_(archive_read_new()) {}
  ~UnpackedFile() override = default;

  Result<void> start() {
    allow_filters(archive_.get());
    archive_read_support_format_raw(archive_.get());
    archive_entry* entry = nullptr;
    if (archive_read_open_filename(archive_.get(), path_.c_str(), 1 << 16) != ARCHIVE_OK ||
        archive_read_next_header(archive_.get(), &entry) != ARCHIVE_OK)
      return damaged();
    stream_.reset(
        ::fopencookie(this, "r", {.read = read, .write = nullptr, .seek = nullptr, .close = nullptr}));
    return {};
  }
  std::FILE* stream() override { return stream_.get(); }
  [[nodiscard]] std::optional<Error> fault() const override {
    if (swollen_)
      return fail_at({path_}, Kind::corrupt, "rpm.bomb",
                     fmt::format("the compressed file unpacks to more than {} MiB", limit_ >> 20),
                     "no repository has such metadata; do not use it")
          .value();
    if (broken_) return damaged().value();
    return std::nullopt;
  }

 private:
  [[nodiscard]] tl::unexpected<Error> damaged() const {
    const char* why = archive_error_string(archive_.get());
    return fail_at(
        {path_}, Kind::corrupt, "rpm.metadata",
        fmt::format("the compressed file is damaged: {}", shown(why ? why : "it ends too early", 200)),
        "fetch it again");
  }
  static ssize_t read(void* self, char* into, std::size_t length) {
    auto& file = *static_cast<UnpackedFile*>(self);
    auto got = archive_read_data(file.archive_.get(), into, length);
    if (got < 0) {
      file.broken_ = true;
      errno = EIO;
      return -1;
    }
    file.total_ += static_cast<std::uint64_t>(got);
    if (file.total_ > file.limit_) {
      file.swollen_ = true;
      errno = EFBIG;
      return -1;
    }
    return got;
  }

  std::string path_;
  std::uint64_t limit_, total_ = 0;
  bool swollen_ = false, broken_ = false;
  Archive archive_;
  Stream stream_;
};

std::string text(const char* value) { return value ? value : ""; }

}  // namespace

Result<std::unique_ptr<Unpacked>> Unpacked::open(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return fail_errno("open " + path, errno);
  auto file = std::make_unique<UnpackedFile>(path, static_cast<std::uint64_t>(status.st_size));
  PHOTON_CHECK(file->start());
  return file;
}

bool is_inside(std::string_view location) {
  if (location.empty() || location.starts_with('/') || location.find("://") != location.npos ||
      location.find('\0') != location.npos)
    return false;
  while (!location.empty()) {
    auto slash = location.find('/');
    if (location.substr(0, slash) == "..") return false;
    location = slash == location.npos ? std::string_view() : location.substr(slash + 1);
  }
  return true;
}

Result<Repomd> parse_repomd(const std::string& bytes, const std::string& name) {
  PoolHandle pool(pool_create());
  auto* repo = repo_create(pool.get(), "repomd");
  auto copy = bytes;
  Stream stream(::fmemopen(copy.data(), copy.size(), "r"));
  auto bad = [&](const std::string& what) {
    return fail(Kind::corrupt, "rpm.metadata",
                fmt::format("repomd.xml of {} is damaged: {}", name, shown(what, 200)),
                "refresh it later, or use another mirror");
  };
  if (copy.empty() || !stream || repo_add_repomdxml(repo, stream.get(), 0) != 0)
    return bad(text(pool_errstr(pool.get())));
  Repomd repomd{.sha256 = sha256_hex(bytes)};
  repomd.revision = text(repo_lookup_str(repo, SOLVID_META, REPOSITORY_REVISION));
  ::Dataiterator each{};
  dataiterator_init(&each, pool.get(), repo, SOLVID_META, REPOSITORY_REPOMD_TYPE, nullptr, 0);
  dataiterator_prepend_keyname(&each, REPOSITORY_REPOMD);
  std::string wrong;
  while (dataiterator_step(&each)) {
    dataiterator_setpos_parent(&each);
    auto type = text(pool_lookup_str(pool.get(), SOLVID_POS, REPOSITORY_REPOMD_TYPE));
    Part part{.location = text(pool_lookup_str(pool.get(), SOLVID_POS, REPOSITORY_REPOMD_LOCATION))};
    Id kind = 0;
    const char* sum = pool_lookup_checksum(pool.get(), SOLVID_POS, REPOSITORY_REPOMD_CHECKSUM, &kind);
    if (sum) part.digest = fmt::format("{}:{}", solv_chksum_type2str(kind), sum);
    part.size = pool_lookup_num(pool.get(), SOLVID_POS, REPOSITORY_REPOMD_SIZE, 0);
    auto time =
        static_cast<std::int64_t>(pool_lookup_num(pool.get(), SOLVID_POS, REPOSITORY_REPOMD_TIMESTAMP, 0));
    repomd.time = std::max(repomd.time, time);
    if (type.ends_with("_zck") || type.ends_with("_db")) continue;
    if (!is_inside(part.location) || part.digest.empty()) wrong = type;
    repomd.parts.emplace(std::move(type), std::move(part));
  }
  dataiterator_free(&each);
  if (!wrong.empty())
    return bad(fmt::format("{} has no digest or lies outside of the repository", shown(wrong)));
  if (!repomd.parts.contains("primary")) return bad("it names no primary");
  return repomd;
}

}  // namespace photon::rpm

#include "packages/forge/publish/payload.hpp"

#include <glib.h>

#include "devenv/core/digest.hpp"
#include "devenv/core/filters.hpp"
#include "packages/forge/publish/archive_handle.hpp"

namespace photon::forge {
namespace {

using Sum = Handle<::GChecksum, g_checksum_free>;
constexpr std::uint64_t largest_payload = 32ULL << 30;

}  // namespace

Result<std::map<std::string, std::string>> sha1_by_sha256(const std::string& rpm) {
  ArchiveReader reader(archive_read_new());
  allow_filters(reader.get());
  archive_read_support_filter_rpm(reader.get());
  archive_read_support_format_cpio(reader.get());
  archive_read_support_format_empty(reader.get());
  auto bad = [&](std::string_view why) {
    return fail(Kind::corrupt, "publish.payload",
                fmt::format("the payload of {} cannot be read: {}", rpm, why));
  };
  auto said = [&] {
    const char* text = archive_error_string(reader.get());
    return std::string(text ? text : "unknown");
  };
  if (archive_read_open_filename(reader.get(), rpm.c_str(), 256 << 10) != ARCHIVE_OK) return bad(said());
  std::map<std::string, std::string> sums;
  std::string block(256 << 10, '\0');
  std::uint64_t total = 0;
  ::archive_entry* entry = nullptr;
  int next;
  while ((next = archive_read_next_header(reader.get(), &entry)) == ARCHIVE_OK || next == ARCHIVE_WARN) {
    if (archive_entry_filetype(entry) != AE_IFREG && archive_entry_hardlink(entry) == nullptr) continue;
    Sha256 sha256;
    Sum sha1(g_checksum_new(G_CHECKSUM_SHA1));
    for (;;) {
      auto got = archive_read_data(reader.get(), block.data(), block.size());
      if (got < 0) return bad(said());
      if (got == 0) break;
      total += static_cast<std::uint64_t>(got);
      if (total > largest_payload) return bad("it is larger than 32 GiB");
      sha256.update(std::string_view(block).substr(0, static_cast<std::size_t>(got)));
      g_checksum_update(sha1.get(), reinterpret_cast<const guchar*>(block.data()), got);
    }
    sums.emplace(sha256.hex(), g_checksum_get_string(sha1.get()));
  }
  if (next != ARCHIVE_EOF) return bad(said());
  return sums;
}

std::string sha1_hex(const std::string& bytes) {
  Sum sum(g_checksum_new(G_CHECKSUM_SHA1));
  g_checksum_update(sum.get(), reinterpret_cast<const guchar*>(bytes.data()),
                    static_cast<gssize>(bytes.size()));
  return g_checksum_get_string(sum.get());
}

}  // namespace photon::forge

#include "packages/forge/publish/compress.hpp"

#include "packages/forge/publish/archive_handle.hpp"

namespace photon::forge {
namespace {

la_ssize_t append(::archive*, void* to, const void* bytes, size_t size) {
  static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

tl::unexpected<Error> corrupt(::archive* archive) {
  const char* why = archive_error_string(archive);
  return fail(Kind::corrupt, "publish.compressed",
              fmt::format("compressed data cannot be read: {}", why ? why : "not zstd"));
}

}  // namespace

Result<std::string> compress_zstd(std::string_view bytes) {
  std::string out;
  ArchiveWriter writer(archive_write_new());
  ArchiveEntry entry(archive_entry_new());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_write_set_format_raw(writer.get());
  archive_write_set_bytes_per_block(writer.get(), 0);
  bool written =
      archive_write_add_filter_zstd(writer.get()) == ARCHIVE_OK &&
      archive_write_set_filter_option(writer.get(), "zstd", "compression-level", "10") == ARCHIVE_OK &&
      archive_write_open(writer.get(), &out, nullptr, append, nullptr) == ARCHIVE_OK &&
      archive_write_header(writer.get(), entry.get()) == ARCHIVE_OK &&
      archive_write_data(writer.get(), bytes.data(), bytes.size()) == static_cast<la_ssize_t>(bytes.size()) &&
      archive_write_close(writer.get()) == ARCHIVE_OK;
  if (!written) {
    const char* why = archive_error_string(writer.get());
    return fail(Kind::failed, "publish.compress",
                fmt::format("metadata cannot be compressed: {}", why ? why : "unknown"));
  }
  return out;
}

Result<std::string> decompress(std::string_view bytes, std::size_t limit) {
  ArchiveReader reader(archive_read_new());
  archive_read_support_format_raw(reader.get());
  archive_read_support_filter_zstd(reader.get());
  ::archive_entry* entry = nullptr;
  if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK ||
      archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK)
    return corrupt(reader.get());
  std::string out, block(256 << 10, '\0');
  for (;;) {
    auto got = archive_read_data(reader.get(), block.data(), block.size());
    if (got < 0) return corrupt(reader.get());
    if (got == 0) return out;
    if (out.size() + static_cast<std::size_t>(got) > limit)
      return fail(Kind::corrupt, "publish.compressed",
                  fmt::format("compressed data gives more than {} bytes", limit));
    out.append(block, 0, static_cast<std::size_t>(got));
  }
}

}  // namespace photon::forge

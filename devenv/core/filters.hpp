// How archives of others may be compressed.
#pragma once
#include <archive.h>

namespace photon {

/// gzip, bzip2, lzma, xz, zstd. Never archive_read_support_filter_all: for what libarchive cannot unpack
/// itself (lrzip, grzip, lzop) it starts a program of that name, on bytes of a stranger.
inline void allow_filters(::archive* archive) {
  archive_read_support_filter_gzip(archive);
  archive_read_support_filter_bzip2(archive);
  archive_read_support_filter_lzma(archive);
  archive_read_support_filter_xz(archive);
  archive_read_support_filter_zstd(archive);
}

}  // namespace photon

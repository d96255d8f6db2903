// libarchive's objects, which free themselves.
#pragma once
#include <archive.h>
#include <archive_entry.h>

#include "devenv/core/handle.hpp"

namespace photon::forge {

using ArchiveReader = Handle<::archive, archive_read_free>;
using ArchiveWriter = Handle<::archive, archive_write_free>;
using ArchiveEntry = Handle<::archive_entry, archive_entry_free>;

}  // namespace photon::forge

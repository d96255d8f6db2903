// The C libraries of this folder as values that free themselves.
#pragma once
#include <archive.h>
#include <archive_entry.h>
#include <curl/curl.h>

#include "devenv/core/handle.hpp"

namespace photon::image {

using ArchiveReader = Handle<archive, archive_read_free>;
using ArchiveWriter = Handle<archive, archive_write_free>;
using ArchiveEntry = Handle<archive_entry, archive_entry_free>;
using Curl = Handle<CURL, curl_easy_cleanup>;
using CurlList = Handle<curl_slist, curl_slist_free_all>;
using CurlText = Handle<char, curl_free>;

}  // namespace photon::image

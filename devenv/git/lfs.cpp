// Git LFS: we write its pointers and leave the files to the git inside, which may have the filter.
#include "devenv/git/git.hpp"
#include "devenv/git/libgit2.hpp"

namespace photon::git {

Result<bool> uses_lfs(const std::string& folder) {
  start_library();
  PHOTON_TRY(auto repository, open_repository(folder));
  Index index;
  if (int status = git_repository_index(Out(index), repository.get()); status < 0)
    return fail_git("read the index", status);
  for (std::size_t i = 0; i < git_index_entrycount(index.get()); ++i) {
    const git_index_entry* entry = git_index_get_byindex(index.get(), i);
    std::string_view path = entry->path;
    if (path != ".gitattributes" && !path.ends_with("/.gitattributes")) continue;
    Blob blob;
    if (git_blob_lookup(Out(blob), repository.get(), &entry->id) < 0) continue;  // a link
    std::string_view text(static_cast<const char*>(git_blob_rawcontent(blob.get())),
                          std::size_t(git_blob_rawsize(blob.get())));
    if (text.find("filter=lfs") != text.npos) return true;
  }
  return false;
}

}  // namespace photon::git

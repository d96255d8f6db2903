// The one place that knows how libgit2's objects are freed, started and asked for their errors.
#pragma once
#include <git2.h>
#if __has_include(<git2/sys/errors.h>)
#include <git2/sys/errors.h>  // git_error_set_str has moved there after 1.5
#endif

#include "devenv/core/error.hpp"
#include "devenv/core/handle.hpp"

namespace photon::git {

using Repository = Handle<git_repository, git_repository_free>;
using Remote = Handle<git_remote, git_remote_free>;
using Index = Handle<git_index, git_index_free>;
using Tree = Handle<git_tree, git_tree_free>;
using Commit = Handle<git_commit, git_commit_free>;
using Object = Handle<git_object, git_object_free>;
using Blob = Handle<git_blob, git_blob_free>;
using Reference = Handle<git_reference, git_reference_free>;
using Config = Handle<git_config, git_config_free>;
using Walk = Handle<git_revwalk, git_revwalk_free>;
using Odb = Handle<git_odb, git_odb_free>;

/// Starts the library once per process; every entry point of ours calls it first.
void start_library();
/// libgit2's last error of this thread as ours: a broken object database is corrupt, a full disk no_space.
tl::unexpected<Error> fail_git(std::string_view what, int status, Kind otherwise = Kind::failed);
/// Text of the last error, "unknown error" without one.
std::string last_error();

std::string hex(const git_oid& id);
/// Opens exactly that folder, never one above it. Who owns it does not matter: libgit2 runs no program that a
/// repository names.
Result<Repository> open_repository(const std::string& folder);

}  // namespace photon::git

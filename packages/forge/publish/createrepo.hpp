// createrepo_c's objects, which free themselves, and its faults as ours.
#pragma once
#include <glib.h>

#include <string>

#include "devenv/core/error.hpp"
#include "devenv/core/handle.hpp"

// A member of its package structure bears a name that C++20 took as a keyword. Headers of C++ come before.
#define requires requires_
#include <createrepo_c/createrepo_c.h>
#undef requires

namespace photon::forge {

using CrPackage = Handle<::cr_Package, cr_package_free>;
using CrRepomd = Handle<::cr_Repomd, cr_repomd_free>;
using CrUpdateInfo = Handle<::cr_UpdateInfo, cr_updateinfo_free>;
using CrFault = Handle<::GError, g_error_free>;
using CrText = Handle<char, g_free>;

/// Starts the library, once in a process.
void start_createrepo();
tl::unexpected<Error> createrepo_failed(const std::string& what, const CrFault& fault);

}  // namespace photon::forge

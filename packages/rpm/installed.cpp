// What is installed below a root, out of rpm's own database.
#include <fcntl.h>
#include <rpm/rpmdb.h>
#include <unistd.h>

#include "packages/rpm/librpm.hpp"
#include "packages/rpm/pool_state.hpp"
#include "packages/rpm/transaction.hpp"

extern "C" {
#include <solv/repo_rpmdb.h>
}

namespace photon::rpm {
namespace {

using DatabaseIterator = Handle<std::remove_pointer_t<rpmdbMatchIterator>, rpmdbFreeIterator>;

Result<void> read_database(::Repo* repo, const std::string& root) {
  Messages messages;
  TransactionHandle set(rpmtsCreate());
  rpmtsSetVSFlags(set.get(), RPMVSF_MASK_NOSIGNATURES);
  if (rpmtsSetRootDir(set.get(), root.c_str()) != 0 || rpmtsOpenDB(set.get(), O_RDONLY) != 0)
    return fail(Kind::corrupt, "rpm.database",
                fmt::format("the package database below {} cannot be read: {}", root, messages.last()));
  void* state = rpm_state_create(repo->pool, nullptr);
  repo_add_repodata(repo, 0);
  DatabaseIterator each(rpmtsInitIterator(set.get(), RPMDBI_PACKAGES, nullptr, 0));
  while (auto* header = rpmdbNextIterator(each.get())) {
    void* handle = rpm_byrpmh(state, header);
    Id id = handle ? repo_add_rpm_handle(repo, handle,
                                         REPO_REUSE_REPODATA | REPO_NO_INTERNALIZE | RPM_ADD_NO_RPMLIBREQS)
                   : 0;
    if (id == 0) continue;  // a public key that rpm keeps among the packages
    if (!repo->rpmdbid) repo->rpmdbid = static_cast<Id*>(repo_sidedata_create(repo, sizeof(Id)));
    repo->rpmdbid[id - repo->start] = static_cast<Id>(headerGetInstance(header));
  }
  rpm_state_free(state);
  repo_internalize(repo);
  return {};
}

}  // namespace

Result<void> Pool::add_installed(const std::string& root) {
  auto* repo = state_->add_repository("@installed", 0);
  auto folder = root + std::string(database_folder);
  if (::access(folder.c_str(), F_OK) == 0) {
    PHOTON_CHECK(start_librpm());  // milliseconds, which a pool without packages does not owe
    if (auto read = read_database(repo, root); !read) {
      repo_free(repo, 1);
      return read;
    }
  }
  pool_set_installed(state_->pool.get(), repo);
  return {};
}

}  // namespace photon::rpm

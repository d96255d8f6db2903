// What a transaction's process needs around it: a user namespace for those who are not root, mounts of its
// own.
#pragma once
#include "packages/rpm/transaction.hpp"

namespace photon::rpm {

/// In the child: leaves the user's own namespaces, asks the parent for its ids by `report`, waits on `go`.
Result<void> enter_namespaces(const TransactionOptions& options, int report, int go);
/// In the parent: gives the child its ids (newuidmap, newgidmap) where that is asked for.
Result<void> map_child(pid_t pid, const TransactionOptions& options, int report, int go);

}  // namespace photon::rpm

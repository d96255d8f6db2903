// The one place that knows how libsolv's objects are freed. Its type `Pool` is `::Pool` here; ours holds one.
#pragma once
#include <cstdio>
#include <memory>
#include <span>
#include <string>

#include "devenv/core/error.hpp"
#include "devenv/core/handle.hpp"

// A member of libsolv's Solvable has a name that C++20 took for itself; no code of ours needs that member.
#define requires requires_
extern "C" {
#include <solv/pool.h>
#include <solv/queue.h>
#include <solv/repo.h>
#include <solv/selection.h>
#include <solv/solver.h>
#include <solv/transaction.h>
}
#undef requires

namespace photon::rpm {

using PoolHandle = Handle<::Pool, pool_free>;
using SolverHandle = Handle<::Solver, solver_free>;
using SolverSteps = Handle<::Transaction, transaction_free>;
using Stream = Handle<std::FILE, std::fclose>;

/// libsolv's list of ids.
class Ids {
 public:
  Ids() { queue_init(&queue_); }
  ~Ids() { queue_free(&queue_); }
  Ids(const Ids&) = delete;
  Ids& operator=(const Ids&) = delete;
  ::Queue* get() { return &queue_; }
  void push(Id id) { queue_push(&queue_, id); }
  void push(Id first, Id second) { queue_push2(&queue_, first, second); }
  [[nodiscard]] std::span<const Id> all() const {
    return {queue_.elements, static_cast<std::size_t>(queue_.count)};
  }
  [[nodiscard]] bool empty() const { return queue_.count == 0; }

 private:
  ::Queue queue_{};
};

/// A pool with RPM's rules for one architecture: Debian's libsolv has its own as default.
Result<PoolHandle> new_pool(const std::string& arch);
/// "name", "name >= evr", "(a if b)": as packages write it. Makes the ids that are missing.
Id dependency_id(::Pool* pool, const std::string& text);
/// The repository as a `.solv` file. File requires that its packages have among each other are resolved and
/// kept with it (then a reader needs no file lists for them), `key` is what it was made of.
Result<std::string> make_solv(::Repo* repo, const std::string& key);
/// Reads one of ours made of `key` into `repo`; false: there is none, or of something else, or damaged.
bool read_solv(::Repo* repo, const std::string& file, const std::string& key);
/// The same from memory.
bool read_solv_bytes(::Repo* repo, std::string& bytes);

}  // namespace photon::rpm

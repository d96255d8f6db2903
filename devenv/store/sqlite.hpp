// SQLite behind RAII types: nothing of its C interface leaves this folder.
#pragma once
#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "devenv/core/error.hpp"
#include "devenv/core/handle.hpp"

namespace photon::store {

using Database = Handle<sqlite3, sqlite3_close_v2>;

/// The fault that SQLite reported, as ours; `path` is the database's file.
tl::unexpected<Error> fault(sqlite3* database, int status, const std::string& path, std::string_view doing);

/// One prepared statement, bound in order: `PHOTON_CHECK(query.bind(id).bind(name).run());`
/// The first fault is kept and returned by what runs it.
class Statement {
 public:
  Statement(sqlite3* database, const std::string& path, std::string_view sql);
  Statement& bind(std::string_view text);
  Statement& bind(std::int64_t number);
  /// True: there is a row to read.
  Result<bool> next();
  /// For statements without rows.
  Result<void> run();
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] std::int64_t number(int column) const;

 private:
  sqlite3* database_;
  const std::string& path_;
  Handle<sqlite3_stmt, sqlite3_finalize> statement_;
  int status_ = SQLITE_OK;
  int bound_ = 0;
};

/// Several statements in a row, without parameters.
Result<void> execute(sqlite3* database, const std::string& path, std::string_view sql);

/// BEGIN IMMEDIATE … COMMIT, rolled back when `commit` was not reached.
class Transaction {
 public:
  static Result<Transaction> begin(sqlite3* database, const std::string& path);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  Transaction(sqlite3* database, const std::string& path) : database_(database), path_(&path) {}
  sqlite3* database_;
  const std::string* path_;
};

}  // namespace photon::store

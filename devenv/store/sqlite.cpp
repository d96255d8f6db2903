#include "devenv/store/sqlite.hpp"

#include "devenv/core/fd.hpp"

namespace photon::store {

namespace {

// Its shared memory and its log meet a full disk as faults of input and output.
bool is_full(int status, const std::string& path) {
  constexpr std::uint64_t too_little = 64 << 10;
  if ((status & 0xff) == SQLITE_FULL) return true;
  return (status & 0xff) == SQLITE_IOERR && free_space(path) < too_little;
}

}  // namespace

tl::unexpected<Error> fault(sqlite3* database, int status, const std::string& path, std::string_view doing) {
  std::string reason = database ? sqlite3_errmsg(database) : sqlite3_errstr(status);
  if (is_full(status, path))
    return fail(Kind::no_space, "journal.full", fmt::format("cannot {} in {}: the disk is full", doing, path),
                "make space there; devenv image gc frees what nothing uses");
  switch (status & 0xff) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return fail(Kind::corrupt, "journal.broken", fmt::format("the journal {} is broken: {}", path, reason),
                  fmt::format("mv {0} {0}.broken, then start devenvd again: it begins anew without the "
                              "environments made so far",
                              path));
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return fail(Kind::denied, "journal.read-only", fmt::format("cannot {} in {}: {}", doing, path, reason),
                  "make the disk writable, or give DEVENV_HOME a folder that is");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fail(Kind::unavailable, "journal.busy",
                  fmt::format("cannot {} in {}: another program holds it", doing, path),
                  "is a second devenvd running on the same folder?");
    default:
      return fail(Kind::failed, "journal.failed", fmt::format("cannot {} in {}: {}", doing, path, reason));
  }
}

Statement::Statement(sqlite3* database, const std::string& path, std::string_view sql)
    : database_(database), path_(path) {
  status_ = sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), Out(statement_), nullptr);
}

Statement& Statement::bind(std::string_view text) {
  // A null pointer would bind NULL instead of the empty text.
  const char* bytes = text.data() ? text.data() : "";
  if (status_ == SQLITE_OK)
    status_ =
        sqlite3_bind_text64(statement_.get(), ++bound_, bytes, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind(std::int64_t number) {
  if (status_ == SQLITE_OK) status_ = sqlite3_bind_int64(statement_.get(), ++bound_, number);
  return *this;
}

Result<bool> Statement::next() {
  if (status_ == SQLITE_OK) {
    int status = sqlite3_step(statement_.get());
    if (status == SQLITE_ROW || status == SQLITE_DONE) return status == SQLITE_ROW;
    status_ = status;
  }
  bool writes = statement_ && !sqlite3_stmt_readonly(statement_.get());
  return fault(database_, status_, path_, writes ? "write" : "read");
}

Result<void> Statement::run() {
  for (;;) {
    PHOTON_TRY(bool more, next());
    if (!more) return {};
  }
}

std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (!bytes) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::int64_t Statement::number(int column) const { return sqlite3_column_int64(statement_.get(), column); }

Result<void> execute(sqlite3* database, const std::string& path, std::string_view sql) {
  int status = sqlite3_exec(database, std::string(sql).c_str(), nullptr, nullptr, nullptr);
  if (status != SQLITE_OK) return fault(database, status, path, "write");
  return {};
}

Result<Transaction> Transaction::begin(sqlite3* database, const std::string& path) {
  PHOTON_CHECK(execute(database, path, "BEGIN IMMEDIATE"));
  return Transaction(database, path);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)), path_(other.path_) {}

Transaction::~Transaction() {
  // A failed statement may have rolled back already; then this does nothing.
  if (database_) (void)execute(database_, *path_, "ROLLBACK");
}

Result<void> Transaction::commit() {
  PHOTON_CHECK(execute(database_, *path_, "COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace photon::store

#include "devenv/store/store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <mutex>

#include "devenv/core/clock.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/undo.hpp"
#include "devenv/store/reserve.hpp"
#include "devenv/store/sqlite.hpp"
#include "store_migrations.hpp"

namespace photon::store {
namespace {

std::string stored(const json::value& details) { return details.is_null() ? "null" : write_json(details); }

Result<json::value> details_of(const Statement& row, int column, const std::string& path) {
  auto parsed = parse_json(row.text(column), "a row of the journal");
  if (parsed) return std::move(*parsed);
  return within(std::move(fault(nullptr, SQLITE_CORRUPT, path, "read").value()), parsed.error().message);
}

constexpr std::string_view environment_columns =
    "SELECT id, name, state, owner, source, details, created, changed FROM environments";

Result<EnvironmentRow> environment_of(const Statement& row, const std::string& path) {
  auto state = state_from(row.text(2));
  if (!state) return fault(nullptr, SQLITE_CORRUPT, path, "read");
  PHOTON_TRY(auto details, details_of(row, 5, path));
  return EnvironmentRow{
      row.text(0), row.text(1),        *state,        static_cast<std::uint32_t>(row.number(3)),
      row.text(4), std::move(details), row.number(6), row.number(7)};
}

/// One connection, one mutex: SQLite would serialise writers anyway.
class SqliteStore : public Store {
 public:
  SqliteStore(Database database, std::string path)
      : database_(std::move(database)), path_(std::move(path)), reserve_(path_ + ".reserve") {}

  Result<void> add(const EnvironmentRow& row) override {
    std::lock_guard lock(mutex_);
    PHOTON_CHECK(name_is_free(row));
    auto insert = query(
        "INSERT INTO environments (name, state, owner, source, details, created, changed, id) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    return values(insert, row).run();
  }

  Result<void> put(const EnvironmentRow& row) override {
    std::lock_guard lock(mutex_);
    PHOTON_CHECK(name_is_free(row));
    PHOTON_CHECK(surely([&] {
      auto update = query(
          "UPDATE environments SET name = ?, state = ?, owner = ?, source = ?, details = ?, created = ?, "
          "changed = ? "
          "WHERE id = ?");
      return values(update, row).run();
    }));
    // Not inserted: a late report of a background step must not bring a deleted environment back.
    if (sqlite3_changes(database_.get()) == 0)
      return fail(Kind::not_found, "environment.unknown", fmt::format("there is no environment {}", row.name),
                  "devenv ls shows them");
    return {};
  }

  Result<std::optional<EnvironmentRow>> by_id(const std::string& id) override {
    return one(" WHERE id = ?", id);
  }
  Result<std::optional<EnvironmentRow>> by_name(const std::string& name) override {
    return one(" WHERE name = ?", name);
  }

  Result<std::vector<EnvironmentRow>> environments() override {
    std::lock_guard lock(mutex_);
    auto select = query(fmt::format("{} ORDER BY name", environment_columns));
    std::vector<EnvironmentRow> rows;
    for (;;) {
      PHOTON_TRY(bool more, select.next());
      if (!more) return rows;
      PHOTON_TRY(auto row, environment_of(select, path_));
      rows.push_back(std::move(row));
    }
  }

  Result<void> erase(const std::string& id) override {
    std::lock_guard lock(mutex_);
    return surely([&]() -> Result<void> {
      PHOTON_TRY(auto transaction, Transaction::begin(database_.get(), path_));
      PHOTON_CHECK(query("DELETE FROM journal WHERE environment = ?").bind(id).run());
      PHOTON_CHECK(query("DELETE FROM environments WHERE id = ?").bind(id).run());
      return transaction.commit();
    });
  }

  Result<std::int64_t> begin(const std::string& environment, const std::string& operation,
                             const std::string& step, const json::value& details) override {
    std::lock_guard lock(mutex_);
    auto write = [&] {
      return query(
                 "INSERT INTO journal (environment, operation, step, details, begun) VALUES (?, ?, ?, ?, ?)")
          .bind(environment)
          .bind(operation)
          .bind(step)
          .bind(stored(details))
          .bind(unix_time())
          .run();
    };
    // What makes something new finds no space; what ends it does.
    const bool ends = operation == "delete" || operation == "stop";
    PHOTON_CHECK(ends ? surely([&] { return synced(write); }) : synced(write));
    return sqlite3_last_insert_rowid(database_.get());
  }

  Result<void> step(std::int64_t number, const std::string& step, const json::value& details,
                    bool durable) override {
    std::lock_guard lock(mutex_);
    auto write = [&] {
      return query("UPDATE journal SET step = ?, details = ? WHERE number = ?")
          .bind(step)
          .bind(stored(details))
          .bind(number)
          .run();
    };
    PHOTON_CHECK(durable ? synced(write) : write());
    if (sqlite3_changes(database_.get()) == 0)
      return fail(Kind::not_found, "journal.unknown",
                  fmt::format("the journal has no running change {}", number));
    return {};
  }

  Result<void> finish(std::int64_t number) override {
    std::lock_guard lock(mutex_);
    PHOTON_CHECK(surely([&] { return query("DELETE FROM journal WHERE number = ?").bind(number).run(); }));
    reserve_.keep();
    return {};
  }

  Result<std::vector<JournalRow>> unfinished() override {
    std::lock_guard lock(mutex_);
    auto select =
        query("SELECT number, environment, operation, step, details, begun FROM journal ORDER BY number");
    std::vector<JournalRow> rows;
    for (;;) {
      PHOTON_TRY(bool more, select.next());
      if (!more) return rows;
      PHOTON_TRY(auto details, details_of(select, 4, path_));
      rows.push_back({select.number(0), select.text(1), select.text(2), select.text(3), std::move(details),
                      select.number(5)});
    }
  }

  Result<std::vector<PrebuildRow>> prebuilds() override {
    std::lock_guard lock(mutex_);
    auto select =
        query("SELECT id, key, ready, owner, source, details, created, used FROM prebuilds ORDER BY rowid");
    std::vector<PrebuildRow> rows;
    for (;;) {
      PHOTON_TRY(bool more, select.next());
      if (!more) return rows;
      PHOTON_TRY(auto details, details_of(select, 5, path_));
      rows.push_back({select.text(0), select.text(1), select.number(2) != 0,
                      static_cast<std::uint32_t>(select.number(3)), select.text(4), std::move(details),
                      select.number(6), select.number(7)});
    }
  }

  Result<void> put_prebuild(const PrebuildRow& row) override {
    std::lock_guard lock(mutex_);
    auto write = [&] {
      return query(
                 "INSERT INTO prebuilds (id, key, ready, owner, source, details, created, used) "
                 "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET ready = excluded.ready, "
                 "details = excluded.details, created = excluded.created, used = excluded.used")
          .bind(row.id)
          .bind(row.key)
          .bind(std::int64_t{row.ready})
          .bind(std::int64_t{row.owner})
          .bind(row.source)
          .bind(stored(row.details))
          .bind(row.created)
          .bind(row.used)
          .run();
    };
    // What ends one finds space, as for environments.
    return row.ready ? synced(write) : surely([&] { return synced(write); });
  }

  Result<void> erase_prebuild(const std::string& id) override {
    std::lock_guard lock(mutex_);
    return surely([&] { return query("DELETE FROM prebuilds WHERE id = ?").bind(id).run(); });
  }

  Result<std::optional<std::string>> setting(const std::string& key) override {
    std::lock_guard lock(mutex_);
    auto select = query("SELECT value FROM settings WHERE key = ?");
    PHOTON_TRY(bool found, select.bind(key).next());
    if (!found) return std::nullopt;
    return select.text(0);
  }

  Result<void> set_setting(const std::string& key, const std::string& value) override {
    std::lock_guard lock(mutex_);
    return query(
               "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = "
               "excluded.value")
        .bind(key)
        .bind(value)
        .run();
  }

 private:
  Statement query(std::string_view sql) { return {database_.get(), path_, sql}; }

  static Statement& values(Statement& statement, const EnvironmentRow& row) {
    return statement.bind(row.name)
        .bind(to_string(row.state))
        .bind(std::int64_t{row.owner})
        .bind(row.source)
        .bind(stored(row.details))
        .bind(row.created)
        .bind(row.changed)
        .bind(row.id);
  }

  Result<void> name_is_free(const EnvironmentRow& row) {
    auto select = query("SELECT 1 FROM environments WHERE name = ? AND id <> ?");
    PHOTON_TRY(bool taken, select.bind(row.name).bind(row.id).next());
    if (!taken) return {};
    return fail(Kind::conflict, "environment.exists",
                fmt::format("there is an environment {} already", row.name),
                "choose another name with --name");
  }

  Result<std::optional<EnvironmentRow>> one(std::string_view where, const std::string& word) {
    std::lock_guard lock(mutex_);
    auto select = query(fmt::format("{}{}", environment_columns, where));
    PHOTON_TRY(bool found, select.bind(word).next());
    if (!found) return std::nullopt;
    PHOTON_TRY(auto row, environment_of(select, path_));
    return row;
  }

  /// A second time with the space of the reserve.
  template <class F>
  Result<void> surely(F write) {
    auto done = write();
    if (done || done.error().kind != Kind::no_space || !reserve_.release()) return done;
    return write();
  }

  /// In WAL mode FULL syncs the log at each commit, which carries the NORMAL commits before it to disk, too.
  template <class F>
  Result<void> synced(F write) {
    PHOTON_CHECK(execute(database_.get(), path_, "PRAGMA synchronous = FULL"));
    Finally back([&] { (void)execute(database_.get(), path_, "PRAGMA synchronous = NORMAL"); });
    return write();
  }

  std::mutex mutex_;
  Database database_;
  std::string path_;
  Reserve reserve_;
};

/// Tells EROFS and EACCES apart before SQLite, which would open the file read-only without a word. Never
/// opens a file that exists: closing it would drop the locks of another Store in this process.
Result<void> check_writable(const std::string& path) {
  constexpr auto hint = "make the disk writable, or give DEVENV_HOME a folder that is";
  auto failed = [&](int error) -> Result<void> {
    auto result = fail_errno(fmt::format("open the journal {}", path), error);
    result.value().hint = hint;
    return result;
  };
  if (access(path.c_str(), F_OK) == 0) {
    if (access(path.c_str(), R_OK | W_OK) != 0) return failed(errno);
    return {};
  }
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno != EEXIST) return failed(errno);
  if (fd >= 0) ::close(fd);
  return {};
}

Result<std::int64_t> pragma(sqlite3* database, const std::string& path, std::string_view name) {
  Statement read(database, path, fmt::format("PRAGMA {}", name));
  PHOTON_TRY(bool found, read.next());
  return found ? read.number(0) : 0;
}

Result<void> check_intact(sqlite3* database, const std::string& path) {
  Statement check(database, path, "PRAGMA quick_check(1)");
  PHOTON_TRY(bool found, check.next());
  if (found && check.text(0) == "ok") return {};
  auto broken = fault(nullptr, SQLITE_CORRUPT, path, "read");
  broken.value().trace.push_back(check.text(0));
  return broken;
}

/// Tables without our mark: a database of somebody else, which must not get ours added.
Result<void> check_ours(sqlite3* database, const std::string& path) {
  constexpr std::int64_t mark = 1349016395;  // what 001.sql sets
  PHOTON_TRY(auto id, pragma(database, path, "application_id"));
  if (id == mark) return {};
  Statement tables(database, path, "SELECT 1 FROM sqlite_master LIMIT 1");
  PHOTON_TRY(bool some, tables.next());
  if (!some) return {};
  return fail(Kind::corrupt, "journal.broken", fmt::format("{} is a database of another program", path),
              fmt::format("move it away: mv {0} {0}.other", path));
}

Result<void> migrate(sqlite3* database, const std::string& path) {
  PHOTON_TRY(auto transaction, Transaction::begin(database, path));
  PHOTON_CHECK(check_ours(database, path));
  PHOTON_TRY(auto version, pragma(database, path, "user_version"));
  auto known = static_cast<std::int64_t>(migrations.size());
  if (version > known)
    return fail(
        Kind::corrupt, "journal.newer",
        fmt::format("the journal {} has schema {}, and this devenvd knows {} at most", path, version, known),
        fmt::format("install the newer devenvd again, or begin anew: mv {0} {0}.newer", path));
  if (version == known) return {};
  for (auto next = version; next < known; ++next)
    PHOTON_CHECK(execute(database, path, migrations[static_cast<std::size_t>(next)]));
  PHOTON_CHECK(execute(database, path, fmt::format("PRAGMA user_version = {}", known)));
  return transaction.commit();
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::string& path) {
  PHOTON_CHECK(check_writable(path));
  Database database;
  int status =
      sqlite3_open_v2(path.c_str(), Out(database), SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  if (status != SQLITE_OK) return fault(database.get(), status, path, "open");
  sqlite3_busy_timeout(database.get(), 5000);
  sqlite3_extended_result_codes(database.get(), 1);
  PHOTON_CHECK(check_intact(database.get(), path));
  PHOTON_CHECK(execute(database.get(), path, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"));
  PHOTON_CHECK(migrate(database.get(), path));
  PHOTON_CHECK(execute(database.get(), path, "PRAGMA synchronous = NORMAL"));
  return std::make_unique<SqliteStore>(std::move(database), path);
}

}  // namespace photon::store

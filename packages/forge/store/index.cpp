#include "packages/forge/store/index.hpp"

#include <chrono>

#include "packages/forge/store/record.hpp"

namespace photon::forge {
namespace {

constexpr int wait_for_others = 30'000;  // milliseconds; nobody holds it for longer than a few
constexpr std::int64_t schema = 1;

Result<void> make_tables(sqlite3* database, const std::string& file) {
  store::Statement version(database, file, "PRAGMA user_version");
  PHOTON_CHECK(version.next());
  if (version.number(0) == schema) return {};
  if (version.number(0) > schema)
    return fail(Kind::conflict, "forge.index", fmt::format("{} was made by a newer forge", file),
                fmt::format("rm {}* to begin anew: everything is then built again", file));
  PHOTON_TRY(auto transaction, store::Transaction::begin(database, file));
  PHOTON_CHECK(store::execute(database, file, R"(
    CREATE TABLE IF NOT EXISTS builds (
      key TEXT PRIMARY KEY, recipe TEXT NOT NULL, arch TEXT NOT NULL, added INTEGER NOT NULL, record TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS builds_of ON builds (recipe, arch, added);
    CREATE TABLE IF NOT EXISTS notes (key TEXT PRIMARY KEY, value TEXT NOT NULL);
    PRAGMA user_version = 1;)"));
  return transaction.commit();
}

std::int64_t now() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

Result<std::unique_ptr<Index>> Index::open(const std::string& file) {
  store::Database database;
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  int status = sqlite3_open_v2(file.c_str(), Out(database), flags, nullptr);
  std::unique_ptr<Index> index(new Index(std::move(database), file));
  auto begin = [&]() -> Result<void> {
    auto* raw = index->database_.get();
    if (status != SQLITE_OK) return store::fault(raw, status, file, "open");
    sqlite3_busy_timeout(raw, wait_for_others);
    // NORMAL: a power cut may lose the last builds, never the rest.
    PHOTON_CHECK(store::execute(raw, file, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"));
    return make_tables(raw, file);
  };
  if (auto begun = begin(); !begun) return tl::unexpected(index->reworded(std::move(begun).error()));
  return index;
}

Error Index::reworded(Error error) const {
  if (!error.code.starts_with("journal.")) return error;
  error.code.replace(0, 7, "forge.index");
  if (auto at = error.message.find("the journal "); at != std::string::npos)
    error.message.replace(at, 12, "the index ");
  switch (error.kind) {
    case Kind::corrupt:
      error.hint = fmt::format("rm {}* to begin anew: everything is then built again", file_);
      break;
    case Kind::no_space:
      error.hint = "make space there; forge gc removes what nothing needs";
      break;
    case Kind::denied:
      error.hint = "give XDG_CACHE_HOME a folder that you may write";
      break;
    default:
      error.hint.clear();
  }
  return error;
}

Result<std::vector<Built>> Index::rows(store::Statement statement) {
  std::vector<Built> found;
  for (;;) {
    auto more = statement.next();
    if (!more) return tl::unexpected(reworded(std::move(more).error()));
    if (!*more) return found;
    // A row that a fault of the disk has damaged counts as not built.
    if (auto built = built_from(statement.text(0))) found.push_back(std::move(*built));
  }
}

Result<std::optional<Built>> Index::find(const std::string& key) {
  std::lock_guard lock(mutex_);
  auto statement = query("SELECT record FROM builds WHERE key = ?");
  statement.bind(key);
  PHOTON_TRY(auto found, rows(std::move(statement)));
  if (found.empty()) return std::optional<Built>();
  return std::optional(std::move(found.front()));
}

Result<std::vector<Built>> Index::history(const std::string& recipe, const std::string& arch) {
  std::lock_guard lock(mutex_);
  auto statement =
      query("SELECT record FROM builds WHERE recipe = ? AND arch = ? ORDER BY added DESC, rowid DESC");
  statement.bind(recipe).bind(arch);
  return rows(std::move(statement));
}

Result<std::vector<Built>> Index::all() {
  std::lock_guard lock(mutex_);
  return rows(query("SELECT record FROM builds ORDER BY recipe, arch, added DESC, rowid DESC"));
}

Result<std::optional<std::string>> Index::note(const std::string& key) {
  std::lock_guard lock(mutex_);
  auto statement = query("SELECT value FROM notes WHERE key = ?");
  statement.bind(key);
  auto more = statement.next();
  if (!more) return tl::unexpected(reworded(std::move(more).error()));
  if (!*more) return std::optional<std::string>();
  return std::optional(statement.text(0));
}

Result<void> Index::set_note(const std::string& key, const std::string& value) {
  std::lock_guard lock(mutex_);
  auto statement = query("INSERT OR REPLACE INTO notes (key, value) VALUES (?, ?)");
  if (auto done = statement.bind(key).bind(value).run(); !done)
    return tl::unexpected(reworded(std::move(done).error()));
  return {};
}

Result<void> Index::insert(const Built& built) {
  auto statement =
      query("INSERT OR REPLACE INTO builds (key, recipe, arch, added, record) VALUES (?, ?, ?, ?, ?)");
  statement.bind(built.key).bind(built.recipe).bind(built.arch).bind(now()).bind(record_of(built));
  if (auto done = statement.run(); !done) return tl::unexpected(reworded(std::move(done).error()));
  return {};
}

Result<void> Index::erase(const std::string& key) {
  auto statement = query("DELETE FROM builds WHERE key = ?");
  if (auto done = statement.bind(key).run(); !done) return tl::unexpected(reworded(std::move(done).error()));
  return {};
}

}  // namespace photon::forge

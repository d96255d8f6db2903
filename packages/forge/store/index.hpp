// The SQLite index: rows of builds and notes, without knowledge of the files that they name.
#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "devenv/store/sqlite.hpp"
#include "packages/forge/store/store.hpp"

namespace photon::forge {

class Index {
 public:
  static Result<std::unique_ptr<Index>> open(const std::string& file);

  Result<std::optional<Built>> find(const std::string& key);
  Result<std::vector<Built>> history(const std::string& recipe, const std::string& arch);
  /// Every build, each recipe's newest first.
  Result<std::vector<Built>> all();
  Result<std::optional<std::string>> note(const std::string& key);
  Result<void> set_note(const std::string& key, const std::string& value);

  /// Runs `action` while no other program adds or removes; what it does through `insert` and `erase` is kept
  /// when it succeeds.
  template <class Action>
  Result<void> alone(Action action) {
    std::lock_guard lock(mutex_);
    auto transaction = store::Transaction::begin(database_.get(), file_);
    if (!transaction) return tl::unexpected(reworded(std::move(transaction).error()));
    PHOTON_CHECK(action());
    if (auto done = transaction->commit(); !done) return tl::unexpected(reworded(std::move(done).error()));
    return {};
  }
  Result<void> insert(const Built& built);     ///< within `alone`
  Result<void> erase(const std::string& key);  ///< within `alone`

 private:
  Index(store::Database database, std::string file)
      : database_(std::move(database)), file_(std::move(file)) {}
  store::Statement query(std::string_view sql) { return {database_.get(), file_, sql}; }
  Result<std::vector<Built>> rows(store::Statement statement);
  /// SQLite's faults speak of devenv's journal; ours is a cache, and the mending is another.
  [[nodiscard]] Error reworded(Error error) const;

  store::Database database_;
  std::string file_;
  std::recursive_mutex mutex_;  ///< what `alone` runs may ask, too
};

}  // namespace photon::forge

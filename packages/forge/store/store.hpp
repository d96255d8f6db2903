// What has been built: by key, for ever until `gc`. Below one folder: sources and RPMs by digest, logs, and a
// SQLite index. Safe for several forges at once; a killed one leaves nothing that counts as done.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::forge {

enum class Origin { source, import };

struct OutputFile {
  std::string name{};    ///< "zlib-1.3.1-1.x86_64.rpm"
  std::string sha256{};  ///< of the unsigned file
  std::uint64_t size = 0;
};

/// A package that took part in a build: for keys, provenance, early cutoff.
struct Input {
  std::string name{};  ///< nevra, or the source's file name
  std::string sha256{};
};

struct Built {
  std::string key{};     ///< 64 digits: digest of everything that went in
  std::string recipe{};  ///< name
  std::string arch{};
  Origin origin = Origin::source;
  std::vector<OutputFile> outputs{};  ///< binary RPMs; the source RPM of a source build has arch "src"
  std::vector<Input> sources{};
  std::vector<Input> dependencies{};
  std::string log{};         ///< path, may be empty
  std::int64_t started = 0;  ///< seconds since 1970
  double seconds = 0;
  /// What the key was made of, by name ("recipe", "source zlib.tar.gz", "macros", "build root bash-5.2"): for
  /// `why`. Empty for imports.
  std::vector<Input> ingredients{};
};

/// What `gc` keeps.
struct Keep {
  std::vector<std::string> keys{};     ///< what the graph needs now
  std::vector<std::string> sources{};  ///< digests; those of kept builds are kept anyway
  unsigned last = 3;                   ///< of each recipe and architecture, the newest so many
  bool dry_run = false;
};
struct Freed {
  std::size_t builds = 0;
  std::size_t files = 0;
  std::uint64_t bytes = 0;
};

/// Safe to use from several threads.
class Store {
 public:
  /// Makes the folder. `${XDG_CACHE_HOME}/photon/forge` by default (`default_store()`).
  static Result<std::unique_ptr<Store>> open(const std::string& folder);
  virtual ~Store() = default;

  /// Nothing, too, where a file of it has gone or has another size.
  virtual Result<std::optional<Built>> find(const std::string& key) = 0;
  /// All of that recipe and architecture, the newest first: for `why` and `diff`.
  virtual Result<std::vector<Built>> history(const std::string& recipe, const std::string& arch) = 0;
  /// Moves the files in `folder` (named as in `outputs`) into the store, then records them; all or nothing.
  virtual Result<void> add(const Built& built, const std::string& folder) = 0;
  /// The absolute path of stored bytes, whether they are there or not.
  [[nodiscard]] virtual std::string path_of(const OutputFile& file) const = 0;

  /// Sources by digest. `add_source` checks the digest: corrupt "forge.digest" names both.
  [[nodiscard]] virtual std::optional<std::string> source(const std::string& sha256) const = 0;
  virtual Result<std::string> add_source(const std::string& file, const std::string& sha256) = 0;

  /// Small values of whoever needs them ("import.debs", "solve.KEY"); gone when the cache is removed.
  virtual Result<std::optional<std::string>> note(const std::string& key) = 0;
  virtual Result<void> set_note(const std::string& key, const std::string& value) = 0;

  /// Removes all else: builds, files that no build names (younger than a day they may be on their way in),
  /// logs, notes of nothing. What other folders keep (trees) has its own.
  virtual Result<Freed> gc(const Keep& keep) = 0;

  [[nodiscard]] virtual const std::string& folder() const = 0;
};

/// The digest of a file's bytes, 64 digits.
Result<std::string> sha256_file(const std::string& path);

std::string default_store();

}  // namespace photon::forge

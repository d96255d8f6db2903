// What the files of this folder share and no other folder needs.
#pragma once
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "devenv/image/document.hpp"
#include "devenv/image/image.hpp"

namespace photon::image {

/// "83.2 MB": for progress and lists.
std::string size_text(std::uint64_t bytes);

/// A manifest and its config, both read and checked.
struct Content {
  std::string name;
  std::string manifest_bytes;
  std::string config_bytes;
  engine::Descriptor target;
  Manifest manifest;
  Config config;
};

/// Only one thread downloads a blob: the store locks an upload's name, and bytes are not fetched twice.
class Busy {
 public:
  Result<void> enter(const std::string& digest, const std::stop_token& stop);
  void leave(const std::string& digest);

 private:
  std::mutex mutex_;
  std::condition_variable_any free_;
  std::set<std::string> digests_;
};

struct Images::State {
  State(engine::ImageStore& from, RegistryOptions registry) : store(from), options(std::move(registry)) {}
  engine::ImageStore& store;
  RegistryOptions options;
  Busy busy;
  std::mutex mutex;
  std::map<std::string, std::uint64_t> removed;  ///< blobs of removed images, until `gc` has counted them
  /// Leases of pulls that were broken off, by image: what those fetched is kept for the next one, until `gc`
  /// or the leases' own end.
  std::map<std::string, std::vector<std::string>> unfinished;
  void drop_unfinished(const std::string& name);
};

ImageConfig describe(const Content& content);
/// Writes bytes that are held in memory as a blob. One that is there gets the lease and the labels: without
/// the lease a collection could take it before the record names it.
Result<void> keep_blob(engine::ImageStore& store, const std::string& bytes, const std::string& digest,
                       const std::map<std::string, std::string>& labels, const std::string& lease);
/// Unpacks one layer upon those below it; `index` counts from the lowest.
Result<void> unpack_layer(engine::ImageStore& store, const Content& content, std::size_t index,
                          const std::string& lease);
/// Last step: config and manifest with the labels that keep all of it, and the record that names it.
Result<void> record(engine::ImageStore& store, const Content& content, const std::string& lease,
                    const std::map<std::string, std::string>& labels = {});
/// The manifest and config that a record leads to, from the store alone; nullopt if a part is missing.
Result<std::optional<Content>> load(engine::ImageStore& store, const engine::ImageRecord& record);
/// Kind not_found, with the nearest name that there is.
tl::unexpected<Error> unknown_image(const std::string& reference,
                                    const std::vector<engine::ImageRecord>& images);
/// The record of that name; unknown_image if there is none.
Result<engine::ImageRecord> known_image(engine::ImageStore& store, const std::string& reference);
/// The same with its documents; an error says how it gets whole again.
Result<Content> whole_image(engine::ImageStore& store, const std::string& reference);

}  // namespace photon::image

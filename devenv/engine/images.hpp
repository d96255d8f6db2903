// The engine's store of blobs, image records and unpacked layers, as `devenv/image` needs it: what containerd
// calls content, images, snapshots, diff and leases. Blocking, safe from several threads.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/engine/types.hpp"

namespace photon::engine {

/// OCI image spec, descriptor.md.
struct Descriptor {
  std::string media_type;
  std::string digest;  ///< "sha256:…"
  std::uint64_t size = 0;
  std::map<std::string, std::string> annotations{};
  bool operator==(const Descriptor&) const = default;
};

struct Blob {
  std::string digest;
  std::uint64_t size = 0;
  std::map<std::string, std::string> labels;
};

/// A layer as a blob.
struct Packed {
  Descriptor layer;     ///< tar+gzip
  std::string diff_id;  ///< digest of the tar
};

struct ImageRecord {
  std::string name;  ///< full reference: registry/repository:tag
  Descriptor target;
  std::map<std::string, std::string> labels;
  std::int64_t created = 0;  ///< seconds since 1970
};

/// One upload. Kept by the store under its `ref` when this value goes without `commit`, so that it can
/// resume.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;
  [[nodiscard]] virtual std::uint64_t offset() const = 0;  ///< bytes that the store has already
  virtual Result<void> write(std::string_view bytes) = 0;
  /// The store checks size and digest (kind corrupt if wrong). A blob that is there already is fine.
  virtual Result<void> commit(std::uint64_t size, const std::string& digest,
                              const std::map<std::string, std::string>& labels) = 0;
  /// Starts again from 0 (a server that knows no ranges).
  virtual Result<void> truncate() = 0;
};

/// All objects made with a lease live until it is removed, or until something else refers to them.
class ImageStore {
 public:
  virtual ~ImageStore() = default;
  /// Expires by itself after an hour, so that a dead daemon leaves nothing.
  virtual Result<std::string> new_lease() = 0;
  virtual Result<void> drop_lease(const std::string& lease) = 0;

  virtual Result<std::optional<Blob>> blob(const std::string& digest) = 0;
  virtual Result<std::string> read_blob(const std::string& digest, std::size_t limit) = 0;
  /// In pieces of at most 1 MiB, from the start.
  virtual Result<void> read_blob(const std::string& digest,
                                 const std::function<Result<void>(std::string_view)>& sink) = 0;
  virtual Result<std::unique_ptr<BlobWriter>> write_blob(const std::string& ref, std::uint64_t size,
                                                         const std::string& digest,
                                                         const std::string& lease) = 0;
  virtual Result<void> label_blob(const std::string& digest,
                                  const std::map<std::string, std::string>& labels) = 0;

  virtual Result<std::optional<ImageRecord>> image(const std::string& name) = 0;
  virtual Result<std::vector<ImageRecord>> images() = 0;
  virtual Result<void> put_image(const ImageRecord& image) = 0;  ///< creates or replaces
  virtual Result<void> remove_image(const std::string& name) = 0;
  /// Runs the store's garbage collection and waits for it.
  virtual Result<void> collect() = 0;

  virtual Result<bool> has_snapshot(const std::string& chain) = 0;
  /// Applies one layer (tar, tar+gzip, tar+zstd) upon `parent` and commits it as `chain`, labelled so that
  /// the garbage collection keeps it while the image lives. Returns the layer's diff id; `chain` exists:
  /// fine.
  virtual Result<std::string> unpack(const Descriptor& layer, const std::string& parent,
                                     const std::string& chain, const std::string& lease) = 0;
  /// What the committed snapshot `key` adds to the one below it, as a blob; packed once.
  virtual Result<Packed> pack(const std::string& key, const std::string& lease) = 0;
  /// "overlayfs" or "native": goes into the label containerd.io/gc.ref.snapshot.NAME.
  [[nodiscard]] virtual std::string snapshotter() const = 0;
};

}  // namespace photon::engine

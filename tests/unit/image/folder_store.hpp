// An ImageStore in a folder, with the rules that containerd has: digests are checked, an upload that was not
// committed is kept under its ref, a layer is unpacked only upon a parent that is there.
#pragma once
#include <mutex>
#include <set>

#include "devenv/engine/images.hpp"

namespace photon::fixtures {

class FolderStore : public engine::ImageStore {
 public:
  explicit FolderStore(std::string folder);

  Result<std::string> new_lease() override;
  Result<void> drop_lease(const std::string& lease) override;
  Result<std::optional<engine::Blob>> blob(const std::string& digest) override;
  Result<std::string> read_blob(const std::string& digest, std::size_t limit) override;
  Result<void> read_blob(const std::string& digest,
                         const std::function<Result<void>(std::string_view)>& sink) override;
  Result<std::unique_ptr<engine::BlobWriter>> write_blob(const std::string& ref, std::uint64_t size,
                                                         const std::string& digest,
                                                         const std::string& lease) override;
  Result<void> label_blob(const std::string& digest,
                          const std::map<std::string, std::string>& labels) override;
  Result<std::optional<engine::ImageRecord>> image(const std::string& name) override;
  Result<std::vector<engine::ImageRecord>> images() override;
  Result<void> put_image(const engine::ImageRecord& image) override;
  Result<void> remove_image(const std::string& name) override;
  /// Deletes what no image leads to by the labels containerd.io/gc.ref.content.
  Result<void> collect() override;
  Result<bool> has_snapshot(const std::string& chain) override;
  Result<std::string> unpack(const engine::Descriptor& layer, const std::string& parent,
                             const std::string& chain, const std::string& lease) override;
  /// What a test has put into `layers`.
  Result<engine::Packed> pack(const std::string& key, const std::string& lease) override;
  [[nodiscard]] std::string snapshotter() const override { return "folder"; }

  // What a test looks at.
  std::map<std::string, std::string> labels_of(const std::string& digest);
  std::vector<std::string> uploads();            ///< refs of uploads without commit
  std::map<std::string, std::string> snapshots;  ///< chain → parent
  std::set<std::string> leases;
  std::map<std::string, engine::Packed> layers;  ///< by key of a snapshot
  int unpacked = 0;

 private:
  friend class FolderWriter;
  [[nodiscard]] std::string blob_path(const std::string& digest) const;
  [[nodiscard]] std::string upload_path(const std::string& ref) const;

  std::recursive_mutex mutex_;
  std::string folder_;
  std::map<std::string, std::map<std::string, std::string>> labels_;
  std::map<std::string, engine::ImageRecord> images_;
  std::map<std::string, std::string> diff_ids_;  ///< by chain
};

}  // namespace photon::fixtures

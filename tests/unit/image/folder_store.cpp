#include "tests/unit/image/folder_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/image/source.hpp"

namespace photon::fixtures {

/// Of a blob that the store has already: nothing is written.
class KnownBlob : public engine::BlobWriter {
 public:
  KnownBlob(FolderStore& store, std::uint64_t size) : store_(store), size_(size) {}
  [[nodiscard]] std::uint64_t offset() const override { return size_; }
  Result<void> write(std::string_view) override { return {}; }
  Result<void> truncate() override { return {}; }
  Result<void> commit(std::uint64_t, const std::string& digest,
                      const std::map<std::string, std::string>& labels) override {
    return store_.label_blob(digest, labels);
  }

 private:
  FolderStore& store_;
  std::uint64_t size_;
};

class FolderWriter : public engine::BlobWriter {
 public:
  FolderWriter(FolderStore& store, std::string path, Fd file, std::uint64_t offset)
      : store_(store), path_(std::move(path)), file_(std::move(file)), offset_(offset) {}
  [[nodiscard]] std::uint64_t offset() const override { return offset_; }
  Result<void> write(std::string_view bytes) override {
    PHOTON_CHECK(write_all(file_.get(), bytes));
    offset_ += bytes.size();
    return {};
  }
  Result<void> truncate() override {
    if (::ftruncate(file_.get(), 0) != 0 || ::lseek(file_.get(), 0, SEEK_SET) != 0)
      return fail_errno("truncate " + path_, errno);
    offset_ = 0;
    return {};
  }
  Result<void> commit(std::uint64_t size, const std::string& digest,
                      const std::map<std::string, std::string>& labels) override {
    PHOTON_TRY(auto bytes, read_file(path_, 1 << 30));
    if (bytes.size() != size || sha256_digest(bytes) != digest)
      return fail(Kind::corrupt, "store.digest", "the upload is not " + digest);
    std::lock_guard lock(store_.mutex_);
    std::filesystem::rename(path_, store_.blob_path(digest));
    for (const auto& [key, value] : labels) store_.labels_[digest][key] = value;
    return {};
  }

 private:
  FolderStore& store_;
  std::string path_;
  Fd file_;
  std::uint64_t offset_;
};

FolderStore::FolderStore(std::string folder) : folder_(std::move(folder)) {
  std::filesystem::create_directories(folder_ + "/blobs");
  std::filesystem::create_directories(folder_ + "/uploads");
}

std::string FolderStore::blob_path(const std::string& digest) const { return folder_ + "/blobs/" + digest; }
std::string FolderStore::upload_path(const std::string& ref) const { return folder_ + "/uploads/" + ref; }

Result<std::string> FolderStore::new_lease() {
  std::lock_guard lock(mutex_);
  std::string name = fmt::format("lease-{}", leases.size());
  leases.insert(name);
  return name;
}

Result<void> FolderStore::drop_lease(const std::string& lease) {
  std::lock_guard lock(mutex_);
  leases.erase(lease);
  return {};
}

Result<std::optional<engine::Blob>> FolderStore::blob(const std::string& digest) {
  std::lock_guard lock(mutex_);
  if (!std::filesystem::exists(blob_path(digest))) return std::optional<engine::Blob>();
  return std::optional(engine::Blob{digest, std::filesystem::file_size(blob_path(digest)), labels_[digest]});
}

Result<std::string> FolderStore::read_blob(const std::string& digest, std::size_t limit) {
  std::lock_guard lock(mutex_);
  if (!std::filesystem::exists(blob_path(digest)))
    return fail(Kind::not_found, "store.blob", "no blob " + digest);
  return read_file(blob_path(digest), limit);
}

Result<void> FolderStore::read_blob(const std::string& digest,
                                    const std::function<Result<void>(std::string_view)>& sink) {
  PHOTON_TRY(auto bytes, read_blob(digest, 1 << 30));
  return sink(bytes);
}

Result<std::unique_ptr<engine::BlobWriter>> FolderStore::write_blob(const std::string& ref, std::uint64_t,
                                                                    const std::string& digest,
                                                                    const std::string&) {
  std::lock_guard lock(mutex_);
  if (std::filesystem::exists(blob_path(digest)))
    return std::unique_ptr<engine::BlobWriter>(
        std::make_unique<KnownBlob>(*this, std::filesystem::file_size(blob_path(digest))));
  PHOTON_TRY(Fd file, open_fd(upload_path(ref), O_RDWR | O_CREAT | O_APPEND));
  struct stat status{};
  ::fstat(file.get(), &status);
  std::unique_ptr<engine::BlobWriter> writer = std::make_unique<FolderWriter>(
      *this, upload_path(ref), std::move(file), static_cast<std::uint64_t>(status.st_size));
  return writer;
}

Result<void> FolderStore::label_blob(const std::string& digest,
                                     const std::map<std::string, std::string>& labels) {
  std::lock_guard lock(mutex_);
  for (const auto& [key, value] : labels) labels_[digest][key] = value;
  return {};
}

Result<std::optional<engine::ImageRecord>> FolderStore::image(const std::string& name) {
  std::lock_guard lock(mutex_);
  auto at = images_.find(name);
  return at == images_.end() ? std::optional<engine::ImageRecord>() : std::optional(at->second);
}

Result<std::vector<engine::ImageRecord>> FolderStore::images() {
  std::lock_guard lock(mutex_);
  std::vector<engine::ImageRecord> all;
  for (const auto& [name, image] : images_) all.push_back(image);
  return all;
}

Result<void> FolderStore::put_image(const engine::ImageRecord& image) {
  std::lock_guard lock(mutex_);
  images_[image.name] = image;
  return {};
}

Result<void> FolderStore::remove_image(const std::string& name) {
  std::lock_guard lock(mutex_);
  images_.erase(name);
  return {};
}

Result<void> FolderStore::collect() {
  std::lock_guard lock(mutex_);
  std::set<std::string> reached;
  for (const auto& [name, image] : images_) {
    reached.insert(image.target.digest);
    for (const auto& [key, value] : labels_[image.target.digest])
      if (key.starts_with("containerd.io/gc.ref.content.")) reached.insert(value);
  }
  for (const auto& file : std::filesystem::directory_iterator(folder_ + "/blobs"))
    if (!reached.contains(file.path().filename())) std::filesystem::remove(file.path());
  return {};
}

Result<bool> FolderStore::has_snapshot(const std::string& chain) {
  std::lock_guard lock(mutex_);
  return snapshots.contains(chain);
}

Result<std::string> FolderStore::unpack(const engine::Descriptor& layer, const std::string& parent,
                                        const std::string& chain, const std::string&) {
  std::lock_guard lock(mutex_);
  if (!parent.empty() && !snapshots.contains(parent))
    return fail(Kind::not_found, "store.parent", "no snapshot " + parent);
  if (diff_ids_.contains(chain)) return diff_ids_[chain];
  PHOTON_TRY(auto source, image::open_source(blob_path(layer.digest), {}));
  PHOTON_TRY(auto sums, source->visit([](const auto&, const auto&) -> Result<void> { return {}; }));
  snapshots[chain] = parent;
  ++unpacked;
  diff_ids_[chain] = sums.content;
  return sums.content;
}

Result<engine::Packed> FolderStore::pack(const std::string& key, const std::string&) {
  std::lock_guard lock(mutex_);
  auto found = layers.find(key);
  if (found == layers.end()) return fail(Kind::not_found, "store.layer", "no layer " + key);
  return found->second;
}

std::map<std::string, std::string> FolderStore::labels_of(const std::string& digest) {
  std::lock_guard lock(mutex_);
  return labels_[digest];
}

std::vector<std::string> FolderStore::uploads() {
  std::vector<std::string> refs;
  for (const auto& file : std::filesystem::directory_iterator(folder_ + "/uploads"))
    refs.push_back(file.path().filename());
  return refs;
}

}  // namespace photon::fixtures

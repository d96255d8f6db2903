// An image of the store to the registry of its name.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

#include "devenv/core/fd.hpp"
#include "devenv/image/parts.hpp"
#include "devenv/image/registry.hpp"

namespace photon::image {
namespace {

/// A file as bytes, however large it is.
class Mapped {
 public:
  Mapped() = default;
  Mapped(void* bytes, std::size_t size) : bytes_(bytes), size_(size) {}
  Mapped(Mapped&& other) noexcept
      : bytes_(std::exchange(other.bytes_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Mapped& operator=(Mapped&&) = delete;
  ~Mapped() {
    if (bytes_) ::munmap(bytes_, size_);
  }
  [[nodiscard]] std::string_view view() const { return {static_cast<const char*>(bytes_), size_}; }

 private:
  void* bytes_ = nullptr;
  std::size_t size_ = 0;
};

/// A file on a disk that has no name: it ends with us.
Result<Fd> nameless_file() {
  std::string name = "/var/tmp/devenv-push-XXXXXX";
  Fd file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file) return fail_errno("make a file in /var/tmp", errno);
  ::unlink(name.c_str());
  return file;
}

Result<Mapped> fetch(engine::ImageStore& store, const engine::Descriptor& blob) {
  if (blob.size == 0) return Mapped();
  PHOTON_TRY(Fd file, nameless_file());
  PHOTON_CHECK(
      store.read_blob(blob.digest, [&](std::string_view bytes) { return write_all(file.get(), bytes); }));
  void* bytes = ::mmap(nullptr, blob.size, PROT_READ, MAP_SHARED, file.get(), 0);
  if (bytes == MAP_FAILED) return fail_errno("read " + blob.digest, errno);
  return Mapped(bytes, blob.size);
}

}  // namespace

Result<void> Images::push(const std::string& reference, const Logins& logins, const Work& work) {
  PHOTON_TRY(auto content, whole_image(state_->store, reference));
  PHOTON_TRY(auto parsed, parse_reference(reference));
  // Not to a mirror: those are filled by the registry.
  auto server = endpoints(parsed.registry, state_->options).back();
  Registry registry(server, parsed.repository, state_->options.ca_file,
                    [&](const std::string& host) { return logins.find(host, work.stop); });
  auto blobs = content.manifest.layers;
  blobs.push_back(content.manifest.config);
  std::uint64_t sent = 0;
  for (std::size_t i = 0; i < blobs.size(); ++i) {
    if (work.stopped()) return cancelled();
    work.report({"push", content.name, fmt::format("{} of {}, {} sent", i + 1, blobs.size(), size_text(sent)),
                 0, 0, false});
    PHOTON_TRY(bool there, registry.has_blob(blobs[i].digest, work.stop));
    if (there) continue;
    PHOTON_TRY(auto bytes, fetch(state_->store, blobs[i]));
    PHOTON_CHECK(registry.push_blob(blobs[i].digest, bytes.view(), work.stop));
    sent += blobs[i].size;
  }
  auto tag = parsed.tag.empty() ? content.target.digest : parsed.tag;
  PHOTON_CHECK(registry.push_manifest(tag, content.target.media_type, content.manifest_bytes, work.stop));
  work.report({"push", content.name, size_text(sent) + " sent", 0, 0, true});
  return {};
}

}  // namespace photon::image

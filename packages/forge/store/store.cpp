#include "packages/forge/store/store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/undo.hpp"
#include "packages/forge/store/content.hpp"
#include "packages/forge/store/gc.hpp"
#include "packages/forge/store/index.hpp"

namespace photon::forge {
namespace {

bool is_plain_name(const std::string& name) {
  return !name.empty() && name.size() <= 180 && name.front() != '.' && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

bool is_whole(const std::string& path, std::uint64_t size) {
  struct stat about{};
  return ::lstat(path.c_str(), &about) == 0 && S_ISREG(about.st_mode) &&
         static_cast<std::uint64_t>(about.st_size) == size;
}

class FolderStore : public Store {
 public:
  FolderStore(std::string folder, std::unique_ptr<Index> index)
      : folder_(std::move(folder)), index_(std::move(index)) {}

  Result<std::optional<Built>> find(const std::string& key) override {
    PHOTON_TRY(auto built, index_->find(key));
    if (built)
      for (const auto& file : built->outputs)
        if (!is_whole(path_of(file), file.size)) return std::optional<Built>();
    return built;
  }

  Result<std::vector<Built>> history(const std::string& recipe, const std::string& arch) override {
    return index_->history(recipe, arch);
  }

  Result<void> add(const Built& built, const std::string& folder) override {
    PHOTON_CHECK(sane(built));
    std::vector<std::string> staged;
    Finally clean{[&] {
      for (const auto& file : staged) ::unlink(file.c_str());
    }};
    for (const auto& file : built.outputs) {
      staged.push_back(incoming());
      std::string from = folder + "/" + file.name;
      // Made by us or by a build that has ended: nobody writes to it any more.
      if (::chmod(from.c_str(), 0444) < 0) return fail_errno("find " + from, errno);
      PHOTON_CHECK(stage(from, staged.back(), file.sha256));
      if (!is_whole(staged.back(), file.size))
        return fail(Kind::corrupt, "forge.digest", fmt::format("{} has another size than recorded", from));
      PHOTON_CHECK(make_directories(parent(path_of(file)), 0755));
    }
    checkpoint("store.staged");
    PHOTON_CHECK(index_->alone([&]() -> Result<void> {
      for (std::size_t at = 0; at < staged.size(); ++at)
        PHOTON_CHECK(place(staged[at], path_of(built.outputs[at])));
      checkpoint("store.placed");
      return index_->insert(built);
    }));
    checkpoint("store.recorded");
    for (const auto& file : built.outputs) ::unlink((folder + "/" + file.name).c_str());
    return {};
  }

  [[nodiscard]] std::string path_of(const OutputFile& file) const override {
    return fmt::format("{}/rpms/{:.2}/{}-{}", folder_, file.sha256, file.sha256, file.name);
  }

  [[nodiscard]] std::optional<std::string> source(const std::string& sha256) const override {
    std::string path = source_path(sha256);
    struct stat about{};
    if (!is_sha256(sha256) || ::lstat(path.c_str(), &about) < 0 || !S_ISREG(about.st_mode))
      return std::nullopt;
    return path;
  }

  Result<std::string> add_source(const std::string& file, const std::string& sha256) override {
    if (!is_sha256(sha256))
      return fail(Kind::usage, "forge.digest", fmt::format("\"{}\" is no SHA-256", sha256));
    std::string path = source_path(sha256), staged = incoming();
    PHOTON_CHECK(make_directories(parent(path), 0755));
    Finally clean{[&] { ::unlink(staged.c_str()); }};
    PHOTON_CHECK(stage(file, staged, sha256));
    if (::rename(staged.c_str(), path.c_str()) < 0) return fail_errno("store " + path, errno);
    return path;
  }

  Result<std::optional<std::string>> note(const std::string& key) override { return index_->note(key); }
  Result<void> set_note(const std::string& key, const std::string& value) override {
    return index_->set_note(key, value);
  }
  Result<Freed> gc(const Keep& keep) override { return collect(*index_, folder_, keep); }
  [[nodiscard]] const std::string& folder() const override { return folder_; }

 private:
  static std::string parent(const std::string& path) { return path.substr(0, path.rfind('/')); }
  [[nodiscard]] std::string source_path(const std::string& sha256) const {
    return fmt::format("{}/sources/{:.2}/{}", folder_, sha256, sha256);
  }
  std::string incoming() {
    return fmt::format("{}/incoming/{}-{}-{:x}", folder_, ::getpid(), next_++,
                       std::chrono::steady_clock::now().time_since_epoch().count());
  }
  static Result<void> sane(const Built& built) {
    if (!is_sha256(built.key) || built.recipe.empty() || built.arch.empty())
      return fail(Kind::internal, "forge.record", fmt::format("a build of {} without a key", built.recipe));
    for (const auto& file : built.outputs)
      if (!is_sha256(file.sha256) || !is_plain_name(file.name))
        return fail(Kind::internal, "forge.record",
                    fmt::format("{} has an output with an impossible name or digest", built.recipe));
    return {};
  }

  std::string folder_;
  std::unique_ptr<Index> index_;
  std::atomic<unsigned> next_ = 0;
};

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::string& folder) {
  for (const char* below : {"", "/rpms", "/sources", "/logs", "/incoming"})
    PHOTON_CHECK(make_directories(folder + below, 0755));
  PHOTON_TRY(auto index, Index::open(folder + "/index.sqlite"));
  return std::make_unique<FolderStore>(folder, std::move(index));
}

std::string default_store() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache && *cache == '/') return std::string(cache) + "/photon/forge";
  const char* home = std::getenv("HOME");
  return std::string(home && *home == '/' ? home : "/root") + "/.cache/photon/forge";
}

}  // namespace photon::forge

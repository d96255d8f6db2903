// From a registry into the store: two layers are fetched at a time while those below them are unpacked.
#include <atomic>
#include <thread>

#include "devenv/core/digest.hpp"
#include "devenv/core/undo.hpp"
#include "devenv/image/image.hpp"
#include "devenv/image/parts.hpp"
#include "devenv/image/registry.hpp"

namespace photon::image {
namespace {

constexpr int attempts = 5;

/// One pull. The two threads take layers from the lowest on; the caller's thread unpacks them in that order.
class Pull {
 public:
  Pull(Images::State& state, Registry& registry, Reference reference, const Work& work)
      : state_(state), registry_(registry), reference_(std::move(reference)), work_(work) {
    content_.name = reference_.text();
  }

  Result<ImageConfig> run() {
    say("asking " + registry_.endpoint().host);
    PHOTON_CHECK(documents());
    PHOTON_TRY(lease_, state_.store.new_lease());
    auto done = layers();
    if (done) done = record(state_.store, content_, lease_);
    if (!done) {
      // A collection would take what arrived: the lease stays for the next attempt.
      std::lock_guard lock(state_.mutex);
      state_.unfinished[content_.name].push_back(lease_);
      return tl::unexpected(std::move(done.error()));
    }
    (void)state_.store.drop_lease(lease_);
    state_.drop_unfinished(content_.name);
    work_.report({"image", content_.name, "pulled, " + size_text(total_), total_, total_, true});
    return describe(content_);
  }

 private:
  Result<void> documents() {
    PHOTON_TRY(auto fetched, registry_.manifest(
                                 reference_.digest.empty() ? reference_.tag : reference_.digest, work_.stop));
    PHOTON_TRY(auto document, parse_document(fetched.bytes, fetched.media_type, content_.name));
    for (int depth = 0; !document.manifest; ++depth) {
      if (depth == 3)
        return fail(Kind::corrupt, "image.document",
                    fmt::format("the indexes of {} are nested too deeply", content_.name));
      PHOTON_TRY(auto chosen, choose(document.index, this_platform(), content_.name));
      PHOTON_TRY(fetched, registry_.manifest(chosen.digest, work_.stop));
      PHOTON_TRY(document, parse_document(fetched.bytes, chosen.media_type, content_.name));
    }
    content_.manifest = std::move(*document.manifest);
    content_.target = {document.media_type, fetched.digest, fetched.bytes.size(), {}};
    content_.manifest_bytes = std::move(fetched.bytes);
    PHOTON_CHECK(config());
    for (const auto& layer : content_.manifest.layers) total_ += layer.size;
    return {};
  }

  Result<void> config() {
    const std::string& digest = content_.manifest.config.digest;
    PHOTON_CHECK(registry_.blob(
        digest, 0,
        [&](std::uint64_t at, std::string_view bytes) -> Result<void> {
          if (at + bytes.size() > content_.manifest.config.size) return wrong(digest);
          content_.config_bytes.resize(at);
          content_.config_bytes += bytes;
          return {};
        },
        work_.stop));
    if (sha256_digest(content_.config_bytes) != digest) return wrong(digest);
    PHOTON_TRY(content_.config, parse_config(content_.config_bytes, content_.name));
    if (content_.config.diff_ids.size() != content_.manifest.layers.size())
      return fail(Kind::corrupt, "image.document",
                  fmt::format("{} has other layers than its config says", content_.name),
                  "it is no image of a root file system, or was pushed wrongly");
    const Platform& platform = content_.config.platform;
    if (!platform.architecture.empty() && platform.architecture != this_platform().architecture)
      return fail(Kind::not_found, "image.platform",
                  fmt::format("the image {} is not built for {}", content_.name, text(this_platform())),
                  "it is built for " + text(platform));
    return {};
  }

  Result<void> layers() {
    std::size_t count = content_.manifest.layers.size();
    arrived_.assign(count, false);
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < std::min<std::size_t>(2, count); ++i)
      threads.emplace_back([this] { fetch_layers(); });
    // Whatever ends this function early also ends the downloads, before the threads are joined.
    Finally end{[&] { halt_.request_stop(); }};
    std::stop_callback forward(work_.stop, [this] { halt_.request_stop(); });
    for (std::size_t i = 0; i < count; ++i) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return arrived_[i] || trouble_; });
        if (trouble_) return tl::unexpected(*trouble_);
      }
      if (work_.stopped()) return cancelled();
      PHOTON_CHECK(unpack_layer(state_.store, content_, i, lease_));
      unpacked_ = i + 1;
      tell(true);
    }
    return {};
  }

  void fetch_layers() {
    while (true) {
      std::size_t mine = next_.fetch_add(1);
      if (mine >= content_.manifest.layers.size()) return;
      auto done = fetch_layer(content_.manifest.layers[mine], content_.config.diff_ids[mine]);
      std::lock_guard lock(mutex_);
      if (done)
        arrived_[mine] = true;
      else if (!trouble_)
        trouble_ = std::move(done.error());
      changed_.notify_all();
      if (trouble_) return;
    }
  }

  Result<void> fetch_layer(const engine::Descriptor& layer, const std::string& diff_id) {
    PHOTON_CHECK(state_.busy.enter(layer.digest, halt_.get_token()));
    Finally leave{[&] { state_.busy.leave(layer.digest); }};
    PHOTON_TRY(auto writer,
               state_.store.write_blob("layer-" + layer.digest, layer.size, layer.digest, lease_));
    std::uint64_t have = writer->offset();
    if (have > layer.size) {
      PHOTON_CHECK(writer->truncate());
      have = 0;
    }
    done_ += have;
    PHOTON_CHECK(download(layer, *writer, have));
    auto kept = writer->commit(layer.size, layer.digest, {{"containerd.io/uncompressed", diff_id}});
    if (kept) return {};
    (void)writer->truncate();  // wrong bytes are nothing to resume from
    return kept.error().kind == Kind::corrupt ? Result<void>(wrong(layer.digest)) : kept;
  }

  /// A connection that breaks is taken up again where it was.
  Result<void> download(const engine::Descriptor& layer, engine::BlobWriter& writer, std::uint64_t& have) {
    for (int attempt = 1; have < layer.size; ++attempt) {
      std::uint64_t before = have;
      auto fetched = registry_.blob(
          layer.digest, have,
          [&](std::uint64_t at, std::string_view bytes) -> Result<void> {
            if (at + bytes.size() > layer.size) return wrong(layer.digest);
            if (at == 0 && have != 0) {
              PHOTON_CHECK(writer.truncate());
              done_ -= have;
              have = 0;
            }
            PHOTON_CHECK(writer.write(bytes));
            have += bytes.size();
            done_ += bytes.size();
            tell(false);
            return {};
          },
          halt_.get_token());
      if (have > before) attempt = 1;
      if (fetched && have < layer.size) fetched = wrong(layer.digest);
      if (fetched) return {};
      const auto& code = fetched.error().code;
      bool passing = code == "image.registry" || code == unreachable;
      if (!passing || attempt == attempts) return fetched;
      if (!rest(std::chrono::milliseconds(100) * attempt * attempt)) return cancelled();
    }
    return {};
  }

  bool rest(std::chrono::milliseconds time) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait_for(lock, halt_.get_token(), time, [] { return false; });
    return !halt_.stop_requested();
  }

  tl::unexpected<Error> wrong(const std::string& digest) const {
    return fail(
        Kind::corrupt, "image.digest",
        fmt::format("{} gave other bytes than {} of {}", registry_.endpoint().host, digest, content_.name),
        "the registry or a proxy on the way is broken; try again");
  }

  void say(std::string detail) {
    work_.report({"image", content_.name, std::move(detail), done_, total_, false});
  }

  /// At most ten times a second, or when a layer is there.
  void tell(bool always) {
    auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    auto last = told_.load();
    if (!always && now - last < 100'000'000) return;
    if (!told_.compare_exchange_strong(last, now) && !always) return;
    say(fmt::format("{} of {}, layer {} of {}", size_text(done_), size_text(total_), unpacked_.load(),
                    content_.manifest.layers.size()));
  }

  Images::State& state_;
  Registry& registry_;
  Reference reference_;
  const Work& work_;
  Content content_;
  std::string lease_;
  std::stop_source halt_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<bool> arrived_;
  std::optional<Error> trouble_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> unpacked_ = 0;
  std::atomic<std::uint64_t> done_ = 0;
  std::atomic<std::int64_t> told_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace

Result<ImageConfig> Images::pull(const std::string& reference, const Logins& logins, const Work& work) {
  PHOTON_TRY(auto parsed, parse_reference(reference));
  auto servers = endpoints(parsed.registry, state_->options);
  for (std::size_t i = 0;; ++i) {
    Registry registry(servers[i], parsed.repository, state_->options.ca_file,
                      [&](const std::string& host) { return logins.find(host, work.stop); });
    auto pulled = Pull(*state_, registry, parsed, work).run();
    // A mirror may be away, empty or closed to us: the registry itself has the last word.
    bool mirror = i + 1 < servers.size();
    if (pulled || !mirror || work.stopped()) return pulled;
    work.report({"image", parsed.text(), pulled.error().message});
  }
}

Result<ImageConfig> Images::ensure(const std::string& reference, const Logins& logins, const Work& work) {
  PHOTON_TRY(auto found, find(reference));
  if (!found) return pull(reference, logins, work);
  work.report({"image", found->name, "cached", 0, 0, true});
  return *found;
}

}  // namespace photon::image

// Prebuilds: what the first hooks of a repository left at one commit, kept for the next environment of it.
// Each is a layer, which the hooks wrote in their container, and a folder with the sources as they left them.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "devenv/host/host.hpp"
#include "devenv/store/store.hpp"

namespace photon::environment {

struct Prebuild {
  std::string id;   ///< layer, folder and borrower of the mirrors bear it
  std::string key;  ///< of all that decides what is in it
  bool ready = false;
  std::uint32_t owner = 0;
  std::string source;  ///< URL
  std::string label;   ///< "acme/web"
  std::string branch;
  std::string commit;
  std::string config;
  std::string image;                            ///< it and these are kept while the prebuild is
  std::map<std::string, std::string> features;  ///< by name and digest
  std::uint32_t uid = 0;                        ///< of the remote user, whose the sources are
  std::uint32_t gid = 0;
  std::vector<std::string> mirrors;
  std::uint64_t layer_bytes = 0;
  std::uint64_t source_bytes = 0;
  std::int64_t created = 0;
  std::int64_t used = 0;

  [[nodiscard]] std::string layer() const { return "prebuild-" + id; }
};

store::PrebuildRow to_row(const Prebuild& prebuild);
Prebuild prebuild_of(const store::PrebuildRow& row);

/// Those that go when `made` has come: older ones of its key, and all but the newest few of its repository,
/// branch and configuration.
std::vector<std::string> superseded(const std::vector<Prebuild>& all, const Prebuild& made);
/// Those from which nothing has begun for a while.
std::vector<std::string> idle(const std::vector<Prebuild>& all, std::int64_t now);

/// One for all environments. For several threads.
class Prebuilds {
 public:
  Prebuilds(store::Store& store, host::Host& host) : store_(store), host_(host) {}

  /// A prebuild that nobody deletes as long as this value lives.
  class Hold {
   public:
    Hold(Prebuilds& all, Prebuild held) : all_(all), prebuild(std::move(held)) {}
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    Prebuilds& all_;

   public:
    const Prebuild prebuild;
  };

  /// The ready ones, the oldest first.
  Result<std::vector<Prebuild>> list();
  /// The newest of that key, if there is one and all of it is there; null: none.
  Result<std::unique_ptr<Hold>> find(const std::string& key);
  /// Notes that an environment has begun from it.
  Result<void> note_use(const Prebuild& prebuild);

  /// Written down before anything of it is made.
  Result<void> begin(const Prebuild& prebuild);
  /// The layer and the sources are there: from now on it is found.
  Result<void> ready(Prebuild& prebuild);

  /// Its layer goes with the next collection, unless an environment stands on it. conflict: one begins from
  /// it just now.
  Result<void> remove(const std::string& id);
  /// Deletes idle ones; bytes of their sources.
  Result<std::uint64_t> drop_idle();
  /// Lets `rest` collect; bytes freed by it, with those of layers of prebuilds that are no more.
  Result<std::uint64_t> collect(const std::function<Result<std::uint64_t>()>& rest);
  /// Takes away what a kill has left of one that was begun or being deleted.
  Result<void> sweep();

  /// Where its sources lie, in a folder of the name that they have in an environment.
  [[nodiscard]] std::string folder(const Prebuild& prebuild) const { return base() + "/" + prebuild.id; }

 private:
  [[nodiscard]] std::string base() const { return host_.paths().data + "/prebuilds"; }
  Result<std::vector<Prebuild>> all();
  [[nodiscard]] bool has_sources(const Prebuild& prebuild) const;
  Result<void> take_away(const Prebuild& prebuild);
  /// Layers of prebuilds that are no more, by key: their bytes.
  Result<std::map<std::string, std::uint64_t>> left_behind();

  store::Store& store_;
  host::Host& host_;
  std::mutex mutex_;  ///< a prebuild is found and held, or deleted
  std::multiset<std::string> held_;
};

/// The label of their layers.
inline constexpr const char* prebuild_label = "photon.prebuild";

}  // namespace photon::environment

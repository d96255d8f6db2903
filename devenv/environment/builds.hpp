// Images that Dockerfiles ask for: each built once for all that decides what is in it, and kept for every
// environment that asks for the same.
#pragma once
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include "devenv/build/build.hpp"
#include "devenv/core/space.hpp"
#include "devenv/environment/container.hpp"

namespace photon::environment {

/// For whom an image is built; it is no part of what is in it.
struct BuildSite {
  std::uint32_t owner = 0;
  const std::map<std::string, std::string>& variables;  ///< of the caller: proxies
  const image::Logins& logins;
  const image::RegistryOptions& registries;
  std::string log;       ///< output goes here, too
  bool rebuild = false;  ///< whatever is here
};

/// One for all environments. For several threads.
class Builds {
 public:
  explicit Builds(host::Host& host) : host_(host) {}

  /// Images that no collection takes as long as this value lives.
  class Hold {
   public:
    explicit Hold(Builds& builds) : builds_(builds) {}
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    friend class Builds;
    Builds& builds_;
    std::vector<std::string> names_;
  };

  /// The image, built unless it is there; two callers for one build it once.
  Result<image::ImageConfig> ensure(const spec::Build& build, const BuildSite& site, Hold& hold,
                                    const Work& work);
  /// One that was built before; nullopt: it is gone.
  Result<std::optional<image::ImageConfig>> find(const std::string& name, Hold& hold, const Work& work);

  /// Ids of builds that run: reconcile leaves their networks alone.
  std::set<std::string> at_work();
  /// Takes away the folders of builds that were cut short.
  Result<void> sweep();
  /// Deletes built images but the wanted ones, and their steps; with the last image all that builds have
  /// kept. Bytes of steps that were freed.
  Result<std::uint64_t> collect(const std::set<std::string>& wanted);
  /// Bytes on the disk of the steps that are kept.
  [[nodiscard]] std::uint64_t size() const { return space_of(data()); }

 private:
  Result<image::ImageConfig> make(build::Recipe& recipe, const BuildSite& site, const Work& work);
  Result<image::ImageConfig> run(build::Recipe& recipe, const BuildSite& site, const std::string& id,
                                 const Work& work);
  Result<void> enter(const build::Site& site, const Work& work);
  void leave(bool cut_short);
  void take_away(const std::string& id);
  void hold_name(const std::string& name, Hold& hold);
  Result<void> forget(const std::vector<std::string>& names, bool cut_short);
  Result<void> forget_all();
  [[nodiscard]] std::string data() const { return host_.paths().data + "/builds"; }
  [[nodiscard]] std::string scratch(const std::string& id) const {
    return host_.paths().runtime + "/builds/" + id;
  }
  [[nodiscard]] std::string mark() const { return data() + "/cut-short"; }

  host::Host& host_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::set<std::string> making_;     ///< names of images
  std::set<std::string> at_work_;    ///< ids
  std::multiset<std::string> held_;  ///< names of images
  unsigned running_ = 0;             ///< in buildah's storage
  bool left_ = false;                ///< one of them was ended half-way
  bool tidying_ = false;             ///< the storage is somebody's alone
};

}  // namespace photon::environment

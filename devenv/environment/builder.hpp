// Features become layers: each install.sh runs once for what is below it, its options and its users, in a
// container of its own; what it wrote is kept for every environment that asks for the same.
#pragma once
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include "devenv/environment/container.hpp"
#include "devenv/feature/feature.hpp"

namespace photon::environment {

/// A feature on top of what is below it.
struct LayerPlan {
  std::string key;     ///< of the layer: all that decides what is in it
  std::string parent;  ///< the image's chain, or the key of the layer before
  std::string id;      ///< of the feature, as it was asked for
  std::string title;
  std::string files;             ///< the feature's folder on this machine
  std::vector<std::string> env;  ///< of install.sh, proxies aside
};

/// Users by name or number, as a container of the plan has them.
struct Users {
  std::string container;
  std::string remote;
};
Users users_of(const spec::Plan& plan, const image::ImageConfig& image);

/// The layers of these features upon the image, whose chain and environment become those on top.
std::vector<LayerPlan> layers_of(image::ImageConfig& image, const std::vector<feature::Feature>& features,
                                 const Users& users);

/// For whom and how a layer is made; it is no part of what is in it.
struct Site {
  const spec::Plan& plan;  ///< its name servers and hosts
  std::uint32_t owner = 0;
  const std::map<std::string, std::string>& variables;  ///< of the caller: proxies
  std::string log;                                      ///< output goes here, too
};

/// One for all environments. For several threads.
class Builder {
 public:
  explicit Builder(host::Host& host) : host_(host) {}

  /// Layers that no collection takes as long as this value lives.
  class Hold {
   public:
    explicit Hold(Builder& builder) : builder_(builder) {}
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    friend class Builder;
    Builder& builder_;
    std::vector<std::string> keys_;
  };

  /// Makes the layer unless it is there; two callers for one make it once. The error of an install that
  /// failed names the feature, the exit status and the last output; nothing of it stays.
  Result<void> ensure(const LayerPlan& layer, const Site& site, Hold& hold, const Work& work);

  /// Containers that are at work: reconcile leaves them alone.
  std::set<std::string> at_work();
  /// Those that are there; a layer's label says which feature it is of.
  Result<std::vector<engine::Layer>> layers();
  /// The name that a layer is shown by.
  static std::string name_of(const engine::Layer& layer);
  /// Layers that nothing stands on go with the next collection of images, which `collect` is; bytes freed.
  Result<std::uint64_t> collect(const std::function<Result<std::uint64_t>()>& images);

 private:
  Result<void> make(const LayerPlan& layer, const Site& site, const Work& work);
  Result<void> run(const LayerPlan& layer, const Site& site, Record& build, const Work& work);
  Result<void> install(const LayerPlan& layer, const Site& site, const Record& build, const Work& work);
  Result<int> ended(const std::string& id, const Work& work);
  void take_away(const std::string& id);

  host::Host& host_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::set<std::string> making_;     ///< keys
  std::set<std::string> at_work_;    ///< containers
  std::multiset<std::string> held_;  ///< keys
};

}  // namespace photon::environment

// Long work that clients start, follow and cancel. Kept ten minutes after its end; expired when somebody
// looks, so that an idle daemon does not wake up.
#pragma once
#include <chrono>
#include <memory>
#include <mutex>

#include "devenv/api/http/feed.hpp"
#include "devenv/api/http/pool.hpp"
#include "devenv/api/wire/wire.hpp"

namespace photon::routes {

class Operations {
 public:
  /// What the work gives back; with neither (delete, import) the operation just ends.
  struct Outcome {
    Outcome() = default;
    Outcome(wire::Environment made) : environment(std::move(made)) {}
    Outcome(wire::Built made) : built(std::move(made)) {}
    Outcome(wire::Prebuild made) : prebuild(std::move(made)) {}
    std::optional<wire::Environment> environment;
    std::optional<wire::Built> built;
    std::optional<wire::Prebuild> prebuild;
  };
  using Body = std::function<Result<Outcome>(const Work&)>;

  explicit Operations(http::Pool& workers, std::chrono::seconds kept = std::chrono::minutes(10))
      : workers_(workers), kept_(kept) {}

  Result<wire::Operation> begin(const std::string& kind, const std::string& environment, Body body);
  std::vector<wire::Operation> list();
  Result<wire::Operation> find(const std::string& id);
  Result<void> cancel(const std::string& id);
  void cancel_all();
  /// Server-sent events: for the first who follows all reports so far, for others the last of each step; then
  /// what follows, then "end".
  Result<std::shared_ptr<http::Feed>> follow(const std::string& id);
  [[nodiscard]] std::size_t running();

 private:
  struct Entry;
  std::shared_ptr<Entry> entry(const std::string& id);
  void forget_old();
  static void run(const std::shared_ptr<Entry>& entry, const Body& body, const std::stop_token& stop);

  http::Pool& workers_;
  const std::chrono::seconds kept_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Entry>> all_;
};

}  // namespace photon::routes

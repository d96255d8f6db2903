// A registry on loopback with an image that environments can run in.
#pragma once
#include <condition_variable>

#include "tests/fixtures/devenv/devenv.hpp"
#include "tests/integration/image/docker_registry.hpp"
#include "tests/integration/image/tiny_server.hpp"

namespace photon::tests {

/// The small image's root file system.
fixtures::Layer root_layer(const std::string& folder);
/// A layer of so many bytes that no compression makes smaller.
fixtures::Layer heavy_layer(const std::string& folder, std::size_t size, unsigned seed);

/// Passes bytes on to a port; those that come back stop after `limit` until `release`.
class HoldingProxy {
 public:
  HoldingProxy(int port, std::size_t limit);
  ~HoldingProxy() { release(); }
  [[nodiscard]] std::string host() const { return listener_.host(); }
  void release();
  /// Bytes that came back so far.
  [[nodiscard]] std::size_t passed() const { return passed_; }

 private:
  void serve(int socket);
  int port_;
  std::size_t limit_;
  std::atomic<std::size_t> passed_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  fixtures::Listener listener_;  ///< last: its threads use the others
};

}  // namespace photon::tests

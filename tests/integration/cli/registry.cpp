#include "tests/integration/cli/registry.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <random>

#include "devenv/core/digest.hpp"

namespace photon::tests {

fixtures::Layer root_layer(const std::string& folder) {
  auto file = folder + "/root.tar";
  make_small_image(file);
  auto tar = read_file(file, 64 << 20).value();
  return {tar, sha256_digest(tar), "application/vnd.oci.image.layer.v1.tar"};
}

fixtures::Layer heavy_layer(const std::string& folder, std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return fixtures::make_layer(folder, bytes, "");
}

HoldingProxy::HoldingProxy(int port, std::size_t limit)
    : port_(port), limit_(limit), listener_([this](int socket) { serve(socket); }) {}

void HoldingProxy::release() {
  std::lock_guard lock(mutex_);
  open_ = true;
  changed_.notify_all();
}

void HoldingProxy::serve(int socket) {
  Fd server = fixtures::connect_port(port_);
  if (!server) return;
  std::string buffer(65536, '\0');
  pollfd ends[2] = {{socket, POLLIN, 0}, {server.get(), POLLIN, 0}};
  while (::poll(ends, 2, -1) > 0)
    for (int i = 0; i < 2; ++i) {
      if (!(ends[i].revents & (POLLIN | POLLHUP | POLLERR))) continue;
      ssize_t got = ::recv(ends[i].fd, buffer.data(), buffer.size(), 0);
      if (got <= 0) return;
      auto size = static_cast<std::size_t>(got);
      if (i == 1 && (passed_ += size) > limit_) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return open_; });
      }
      if (!write_all(ends[1 - i].fd, {buffer.data(), size})) return;
    }
}

}  // namespace photon::tests
